import { setTimeout as sleep } from "node:timers/promises";
import { CallerPool } from "./caller-pool.ts";
import { Caller, type Target } from "./exchange.ts";
import type { Job, Loaded } from "./job.ts";
import { Tally } from "./tally.ts";

/** Gateways that answer slower than this have failed. */
const longestAnswerMs = 30_000;

/** Against a gateway that refuses everything at once. */
const mostFailures = 1_000;

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

async function closedLoop(target: Target, width: number, seconds: number): Promise<Loaded> {
  const tally = new Tally();
  const callers = Array.from({ length: width }, () => new Caller(target));
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  let failures = 0;
  await Promise.all(
    callers.map((caller) => withinBound(endsAt, (stop) => keepAsking(caller, stop))),
  );
  for (const caller of callers) caller.close();
  return tally.over(seconds);

  function keepAsking(caller: Caller, stop: () => void): void {
    caller.send((outcome) => {
      if (outcome instanceof Error) failures += 1;
      const late = performance.now() > endsAt;
      if (late && !(outcome instanceof Error)) tally.addLate();
      else tally.add(outcome);
      if (late || failures > mostFailures) stop();
      else keepAsking(caller, stop);
    });
  }
}

/** Ends with what was begun, or some time after it should have ended. */
async function withinBound(endsAt: number, begin: (stop: () => void) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, endsAt - performance.now() + longestAnswerMs);
  begin(resolve);
  await promise;
  clearTimeout(timer);
}

async function openLoop(target: Target, perSecond: number, seconds: number): Promise<Loaded> {
  const tally = new Tally();
  const callers = new CallerPool(target, tally);
  const startedAt = performance.now();
  const count = Math.floor(perSecond * seconds);
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, ((performance.now() - startedAt) * perSecond) / 1_000);
    for (; sent < due; sent += 1) callers.send();
    await sleep(1);
  }
  await callers.drain();
  return tally.over(seconds);
}
