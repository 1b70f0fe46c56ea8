import { expect } from "vitest";
import fc from "fast-check";
import { verifySignature } from "../../../../src/simulators/signature.ts";
import { credentials, type Received, type Seen } from "./pair.ts";

/** The SDK tells of itself and counts its attempts; dates, and hashes of what differs in order, differ. */
const ownHeaders =
  /^(?:amz-sdk-|user-agent$|x-amz-user-agent$|authorization$|x-amz-date$|x-amz-content-sha256$|connection$)/;

function comparable({ method, url, headers, body }: Received): unknown {
  const signed = /SignedHeaders=([^,]+),/.exec(headers.authorization ?? "")?.[1]?.split(";") ?? [];
  return {
    method,
    url,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.test(name))),
    signed: signed.filter((name) => !/^(?:amz-sdk-|x-amz-user-agent$)/.test(name)),
    body: JSON.parse(body.toString()) as unknown,
  };
}

/** @throws where a request is not signed as AWS describes it */
function checkSignature({ method, url, headers, body }: Received, service: string): void {
  const [path = "", query = ""] = url.split("?");
  const rules = { service, credentials: [credentials], now: Date.now() };
  verifySignature({ method, path, query, headers, body }, rules);
}

/** Arguments as values: one long number may be written in more than one way. */
const readable = (outcome: unknown): unknown =>
  JSON.parse(JSON.stringify(outcome), (key, value: unknown) =>
    key === "arguments" && typeof value === "string" ? (JSON.parse(value) as unknown) : value,
  );

/** Both sent the same, well signed, and made the same of what came. */
export function expectSame({ Sdk, Lean }: Record<"Sdk" | "Lean", Seen>, service: string): void {
  expect(Lean.requests.map(comparable)).toEqual(Sdk.requests.map(comparable));
  expect(Lean.requests.length).toBeGreaterThan(0);
  for (const request of [...Sdk.requests, ...Lean.requests]) checkSignature(request, service);
  expect(readable(Lean.outcome)).toEqual(readable(Sdk.outcome));
}

/** Any value at all in place of one that is somewhere in a document. */
export const spoilt = (document: unknown): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 2 })).map(([at, value]) => {
    let count = 0;
    const places: unknown[] = [];
    JSON.stringify(document, (_key, each: unknown) => (places.push(each), each));
    return JSON.stringify(document, (_key, each: unknown) => {
      count += 1;
      return count - 1 === at % places.length ? value : each;
    });
  });
