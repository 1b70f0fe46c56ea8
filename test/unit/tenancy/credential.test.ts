import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readCredential } from "../../../src/tenancy/index.ts";

type Headers = Parameters<typeof readCredential>[0];

const key = (value: string) => ({ kind: "key", value });
const malformed = { kind: "malformed", message: expect.any(String) };
const none = { kind: "none" };

describe("the credential that a request shows", () => {
  const cases: [string, Headers, unknown][] = [
    ["no header is none", {}, none],
    ["an empty header is none", { authorization: "" }, none],
    [
      "the bare scheme is none, as clients without a key send it",
      { authorization: "Bearer" },
      none,
    ],
    ["the scheme and spaces are none", { authorization: "Bearer   " }, none],
    ["a bearer token is the key", { authorization: "Bearer sy_abc" }, key("sy_abc")],
    ["the scheme's case does not count", { authorization: "bEARER sy_abc" }, key("sy_abc")],
    [
      "spaces and tabs around the key do not count",
      { authorization: "Bearer \t sy_abc " },
      key("sy_abc"),
    ],
    ["api-key is read where Authorization is absent", { "api-key": "sy_abc" }, key("sy_abc")],
    [
      "api-key is read where Authorization is empty",
      { authorization: "Bearer ", "api-key": "sy_abc" },
      key("sy_abc"),
    ],
    ["an empty api-key is none", { "api-key": "" }, none],
    [
      "Authorization comes before api-key",
      { authorization: "Bearer one", "api-key": "two" },
      key("one"),
    ],
    [
      "a malformed Authorization is not mended by api-key",
      { authorization: "Basic eDp5", "api-key": "two" },
      malformed,
    ],
    ["x-api-key is not read", { "x-api-key": "sy_abc" }, none],
    ["another scheme is malformed", { authorization: "Basic eDp5" }, malformed],
    ["a key without a scheme is malformed", { authorization: "sy_abc" }, malformed],
    [
      "a scheme that only begins alike is malformed",
      { authorization: "Bearers sy_abc" },
      malformed,
    ],
    ["two words are malformed", { authorization: "Bearer one two" }, malformed],
    ["what is no visible ASCII is malformed", { authorization: "Bearer schlüssel" }, malformed],
    ["a control character is malformed", { "api-key": "a\u0000b" }, malformed],
    [
      "512 characters are a key",
      { authorization: `Bearer ${"k".repeat(512)}` },
      key("k".repeat(512)),
    ],
    ["513 characters are malformed", { authorization: `Bearer ${"k".repeat(513)}` }, malformed],
    [
      "a header sent twice is malformed",
      { authorization: ["Bearer one", "Bearer two"] },
      malformed,
    ],
    ["api-key sent twice is malformed", { "api-key": ["one", "two"] }, malformed],
  ];
  test.each(cases)("%s", (_name, headers, credential) => {
    expect(readCredential(headers)).toEqual(credential);
  });

  test("no message repeats what was sent", () => {
    const secret = fc.string({ minLength: 12 }).map((text) => `§${text}§`);
    fc.assert(
      fc.property(secret, fc.constantFrom("authorization", "api-key"), (value, header) => {
        for (const sent of [value, `Bearer ${value}`, `Basic ${value}`]) {
          const credential = readCredential({ [header]: sent });
          expect(credential.kind).toBe("malformed");
          expect(JSON.stringify(credential)).not.toContain(value);
        }
      }),
    );
  });
});
