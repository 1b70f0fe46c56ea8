import { closedLoop } from "./closed-loop.ts";
import type { Target } from "./exchange.ts";
import type { Job, Loaded } from "./job.ts";
import { openLoop } from "./open-loop.ts";

export function makeLoad(job: Job): Promise<Loaded> {
  const target = targetOf(job);
  const { shape } = job;
  if ("callers" in shape) return closedLoop(target, shape.callers, job.seconds);
  return openLoop(target, shape.perSecond, job.seconds);
}

function targetOf({ url, headers, body }: Job): Target {
  const { hostname, port, host, pathname } = new URL(url);
  const lines = Object.entries({
    host,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `POST ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
  return { host: hostname, port: Number(port), request: Buffer.from(request) };
}
