import { request } from "node:http";
import { expect } from "vitest";
import type { RequestRecord } from "../../src/records/index.ts";
import type { ErrorBody } from "../../src/openai/index.ts";
import type { Local } from "./start-local.ts";

export interface Sending {
  method?: string;
  path?: string;
  /** An object is sent as JSON. */
  body?: unknown;
  key?: string;
  headers?: Record<string, string>;
}

export interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  requestId: string;
}

/** One request on a connection of its own, as plain HTTP: for what no client library would send. */
export function send({ url }: Pick<Local, "url">, sending: Sending): Promise<Got> {
  const { method = "POST", path = "/v1/chat/completions", body, key, headers = {} } = sending;
  const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, url),
      {
        method,
        agent: false,
        timeout: 20_000,
        headers: {
          ...(text === undefined ? {} : { "content-type": "application/json" }),
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...headers,
        },
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("error", reject);
        incoming.on("end", () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(parts).toString("utf8"),
            requestId: String(incoming.headers["x-switchyard-request-id"]),
          }),
        );
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("No answer came in time")));
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

/** What no client may see: stacks, files, accounts, credentials, addresses behind the router. */
const secrets = [
  /\bat .{1,200}\.ts:\d+/,
  /node_modules|node:internal|\/src\//,
  /arn:aws/,
  /SIMULATED|secret-access|AKIA/i,
  /https?:\/\//,
  /127\.0\.0\.1|amazonaws/,
];

/** The error in an answer, in OpenAI's shape and without anything that a client must not see. */
export function errorIn({ text, headers }: Pick<Got, "text" | "headers">): ErrorBody["error"] {
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  for (const secret of secrets) expect(text).not.toMatch(secret);
  const { error, ...others } = JSON.parse(text) as ErrorBody;
  expect(others).toEqual({});
  expect(error).toMatchObject({ message: expect.any(String), type: expect.any(String) });
  expect(Object.keys(error)).toEqual(expect.arrayContaining(["message", "type", "param", "code"]));
  return error;
}

/** The record of an answer, which must be the only one of it. */
export async function onlyRecordOf(local: Local, requestId: string): Promise<RequestRecord> {
  const record = await local.records.of(requestId);
  expect(local.records.all.filter(({ request_id: id }) => id === requestId)).toHaveLength(1);
  return record;
}
