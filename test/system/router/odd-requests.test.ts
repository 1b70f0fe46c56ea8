import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { errorIn, onlyRecordOf, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const names = ["lite", "sonnet", "container", "tgi"] as const;
const asked = '"messages":[{"role":"user","content":"repeat: hello"}]';

let local: Local;

beforeAll(async () => {
  local = await startLocal({
    resources: [
      ...names.map((name) => backendOf(name)),
      ...names.map((name) => routeOf(name, [name])),
    ],
  });
});

afterAll(async () => local.stop());

const nested = (depth: number, open: string, close: string, core: string): string =>
  open.repeat(depth) + core + close.repeat(depth);
const said = (content: string): string => `"messages":[{"role":"user","content":${content}}]`;

const odd: [what: string, members: string][] = [
  [
    "names that every object has",
    `${asked},"__proto__":{"n":4,"stream":true},"constructor":{"n":4}`,
  ],
  ["fields that nobody knows, nested deeply", `${asked},"unknown":${nested(50_000, "[", "]", "")}`],
  ["half of a character", said(String.raw`"repeat: a\ud800b"`)],
  ["control characters", said(String.raw`"repeat: a\u0000\u001b\u2028b"`)],
  ["nothing said", said('""')],
  [
    "fields left open by null",
    `${asked},"temperature":null,"stop":null,"tools":null,"n":null,"stream":null`,
  ],
  ["nobody but the system", '"messages":[{"role":"system","content":"Hello"}]'],
  ["nobody but the assistant", '"messages":[{"role":"assistant","content":"Hello"}]'],
  ["a field that stands twice", `${asked},"temperature":9,"temperature":1`],
];

describe("a request that is odd and allowed", () => {
  it.each(names.flatMap((name) => odd.map((each) => [name, ...each] as const)))(
    "is answered by %s: %s",
    async (model, _what, members) => {
      const got = await send(local, { body: `{"model":"${model}",${members}}` });
      expect(got.status).toBe(200);
      expect(await onlyRecordOf(local, got.requestId)).toMatchObject({ error_type: null });
      expect(local.log).toEqual([]);
    },
  );
});

const schema = nested(20_000, '{"properties":{"a":', "}}", "{}");
const data = (type: string, bytes: string) =>
  said(`[{"type":"image_url","image_url":{"url":"data:${type};base64,${bytes}"}}]`);
const refused: [what: string, members: string, says: RegExp][] = [
  [
    "a tool's schema nested too deeply",
    `${asked},"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]`,
    /nested too deeply/,
  ],
  ["an image that is no base64", data("image/png", "@@@"), /image_url\.url holds no base64 data/],
  [
    "an image of another kind",
    data("image/tiff", "AAAA"),
    /must be a PNG, JPEG, GIF or WebP image/,
  ],
  [
    "an image that the router would have to fetch",
    said('[{"type":"image_url","image_url":{"url":"http://169.254.169.254/latest/meta-data"}}]'),
    /remote address: send the image inline/,
  ],
];

describe("a request that no model could read", () => {
  it.each(["lite", "sonnet"].flatMap((name) => refused.map((each) => [name, ...each] as const)))(
    "is refused by %s, and never by the engine's words: %s",
    async (model, _what, members, says) => {
      const calls = local.simulator.calls().length;
      const got = await send(local, { body: `{"model":"${model}",${members}}` });
      expect(got.status).toBe(400);
      const error = errorIn(got);
      expect(error.message).toMatch(says);
      expect(error.type).toBe("invalid_request_error");
      expect(got.text).not.toMatch(/call stack|169\.254/);
      expect(local.simulator.calls()).toHaveLength(calls);
      expect(local.log).toEqual([]);
    },
  );
});
