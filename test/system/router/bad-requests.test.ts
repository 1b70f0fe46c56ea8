import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { errorIn, onlyRecordOf, send, type Sending } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const keys = {
  team: "sy_key-of-the-team",
  old: "sy_key-whose-time-is-over",
  early: "sy_key-whose-time-is-to-come",
  denied: "sy_key-of-a-broken-policy",
};
const user = [{ role: "user", content: "Hello" }];
const chat = "/v1/chat/completions";
const embeddings = "/v1/embeddings";

let local: Local;

beforeAll(async () => {
  local = await startLocal({
    settings: { maxBodyBytes: 4_096, maxHeaderBytes: 8_192 },
    resources: [
      backendOf("micro"),
      backendOf("titan"),
      routeOf("open", ["micro"]),
      routeOf("vectors", ["titan"], { type: "Embeddings" }),
      routeOf("closed", ["micro"], { access: "Tenants", labels: { team: "a" } }),
      tenantOf("team", keys.team, { routes: { selector: { matchLabels: { team: "b" } } } }),
      tenantOf("old", keys.old, { apiKey: { expiresAt: "2020-01-01T00:00:00Z" } }),
      tenantOf("early", keys.early, { apiKey: { notBefore: "2090-01-01T00:00:00Z" } }),
      tenantOf("denied", keys.denied, {
        budgets: [{ window: "Day", usd: "1", timeZone: "Nowhere/Land" }],
      }),
    ],
  });
});

afterAll(async () => local.stop());

interface Expected {
  status: number;
  type?: string;
  code: string;
  param?: string | null;
  /** What its message must say. */
  says: RegExp;
}

const invalid = (param: string | null, says: RegExp, code = "invalid_request_error"): Expected => ({
  status: 400,
  code,
  param,
  says,
});
const withBody = (members: object): Sending => ({
  body: { model: "open", messages: user, ...members },
});
const withContent = (content: unknown): Sending =>
  withBody({ messages: [...user, { role: "user", content }] });
const withInput = (members: object): Sending => ({
  path: embeddings,
  body: { model: "vectors", ...members },
});
const closed = (key?: string): Sending => ({
  ...withBody({ model: "closed" }),
  ...(key === undefined ? {} : { key }),
});
const unauthorized = (code: string, says: RegExp): Expected => ({
  status: 401,
  type: "authentication_error",
  code,
  param: null,
  says,
});

const cases: [what: string, sending: Sending, expected: Expected][] = [
  // The model, and who asks for it
  [
    "an unknown model",
    withBody({ model: "nothing" }),
    {
      status: 404,
      code: "model_not_found",
      param: "model",
      says: /"nothing"/,
    },
  ],
  [
    "a very long model name",
    withBody({ model: "x".repeat(3_000) }),
    {
      status: 404,
      code: "model_not_found",
      param: "model",
      says: /^.{1,400}$/,
    },
  ],
  [
    "a name of every object",
    withBody({ model: "__proto__" }),
    {
      status: 404,
      code: "model_not_found",
      param: "model",
      says: /"__proto__"/,
    },
  ],
  [
    "a tenant's model it may not use",
    closed(keys.team),
    {
      status: 404,
      code: "model_not_found",
      param: "model",
      says: /"closed"/,
    },
  ],
  ["no key", closed(), unauthorized("missing_api_key", /Authorization.*Bearer/)],
  ["an unknown key", closed("sy_nobody"), unauthorized("invalid_api_key", /not valid/)],
  [
    "a key of another scheme",
    { ...closed(), headers: { authorization: "Basic abc" } },
    unauthorized("invalid_api_key", /Bearer/),
  ],
  ["two words for a key", closed("sy_one two"), unauthorized("invalid_api_key", /one word/)],
  ["an expired key", closed(keys.old), unauthorized("expired_api_key", /expired.*newer/)],
  ["an early key", closed(keys.early), unauthorized("invalid_api_key", /not valid yet/)],
  [
    "a denied tenant",
    closed(keys.denied),
    {
      status: 403,
      type: "permission_error",
      code: "tenant_denied",
      param: null,
      says: /policy/,
    },
  ],
  [
    "a denied tenant at an open route",
    { ...withBody({}), key: keys.denied },
    {
      status: 403,
      type: "permission_error",
      code: "tenant_denied",
      param: null,
      says: /policy/,
    },
  ],

  // The body as a whole
  ["no body", {}, invalid(null, /no body.*JSON object/, "invalid_json")],
  ["an empty body", { body: "" }, invalid(null, /no body.*JSON object/, "invalid_json")],
  [
    "half a body",
    { body: '{"model": "open", "messages": [' },
    invalid(null, /ends too early/, "invalid_json"),
  ],
  [
    "a body that is malformed",
    { body: '{"model": sesame}' },
    invalid(null, /it is malformed$/, "invalid_json"),
  ],
  ["a list", { body: "[]" }, invalid(null, /must be an object/)],
  ["null", { body: "null" }, invalid(null, /must be an object/)],
  ["a text", { body: '"hello"' }, invalid(null, /must be an object/)],
  [
    "a plain text",
    { body: "hello", headers: { "content-type": "text/plain" } },
    {
      status: 415,
      code: "unsupported_media_type",
      param: null,
      says: /application\/json/,
    },
  ],
  [
    "a form",
    { body: "model=open", headers: { "content-type": "application/x-www-form-urlencoded" } },
    {
      status: 415,
      code: "unsupported_media_type",
      param: null,
      says: /application\/json/,
    },
  ],
  [
    "too large a body",
    withContent("x".repeat(8_000)),
    {
      status: 413,
      code: "body_too_large",
      param: null,
      says: /4096 bytes/,
    },
  ],

  // Fields of a chat
  ["no model", withBody({ model: undefined }), invalid("model", /model is required/)],
  ["a model that is no text", withBody({ model: 7 }), invalid("model", /must be a string/)],
  ["no messages", withBody({ messages: undefined }), invalid("messages", /is required/)],
  ["empty messages", withBody({ messages: [] }), invalid("messages", /at least 1 item/)],
  ["messages as a text", withBody({ messages: "Hello" }), invalid("messages", /an array/)],
  [
    "a message that is none",
    withBody({ messages: ["Hello"] }),
    invalid("messages[0]", /an object/),
  ],
  [
    "an unknown role",
    withBody({ messages: [{ role: "judge", content: "" }] }),
    invalid(
      "messages[0].role",
      /one of "system", "developer", "user", "assistant", "tool", "function"/,
    ),
  ],
  [
    "no content",
    withBody({ messages: [{ role: "user" }] }),
    invalid("messages[0].content", /is required/),
  ],
  [
    "content that is a number",
    withContent(7),
    invalid("messages[1].content", /string or an array/),
  ],
  [
    "a tool's result without its call",
    withBody({ messages: [{ role: "tool", content: "" }] }),
    invalid("messages[0].tool_call_id", /is required/),
  ],
  [
    "an unknown content part",
    withContent([{ type: "hologram" }]),
    invalid(
      "messages[1].content[0].type",
      /one of "text", "image_url", "file"/,
      "unsupported_content",
    ),
  ],
  [
    "sound",
    withContent([{ type: "input_audio", input_audio: { data: "", format: "wav" } }]),
    invalid("messages[1].content[0].type", /one of/, "unsupported_content"),
  ],
  [
    "a part without its text",
    withContent([{ type: "text" }]),
    invalid("messages[1].content[0].text", /is required/),
  ],
  [
    "an image without its address",
    withContent([{ type: "image_url", image_url: {} }]),
    invalid("messages[1].content[0].image_url.url", /is required/),
  ],
  [
    "a file by its id",
    withContent([{ type: "file", file: { file_id: "file-1" } }]),
    invalid("messages[1].content[0].file.file_data", /inline/),
  ],
  ["two choices", withBody({ n: 2 }), invalid("n", /must be 1/)],
  ["a negative max_tokens", withBody({ max_tokens: -1 }), invalid("max_tokens", /at least 1/)],
  [
    "half a token",
    withBody({ max_completion_tokens: 1.5 }),
    invalid("max_completion_tokens", /whole number/),
  ],
  ["max_tokens as a text", withBody({ max_tokens: "10" }), invalid("max_tokens", /number/)],
  ["too hot", withBody({ temperature: 3 }), invalid("temperature", /at most 2/)],
  ["top_p as a text", withBody({ top_p: "high" }), invalid("top_p", /a number/)],
  ["stop as a number", withBody({ stop: 1 }), invalid("stop", /a string or an array/)],
  ["stream as a text", withBody({ stream: "yes" }), invalid("stream", /a boolean/)],
  [
    "stream_options as a text",
    withBody({ stream: true, stream_options: "usage" }),
    invalid("stream_options", /an object/),
  ],
  ["tools that are one", withBody({ tools: {} }), invalid("tools", /an array/)],
  [
    "a tool of another type",
    withBody({ tools: [{ type: "search" }] }),
    invalid("tools[0].type", /"function"/),
  ],
  [
    "a tool without a name",
    withBody({ tools: [{ type: "function", function: {} }] }),
    invalid("tools[0].function.name", /is required/),
  ],
  [
    "a choice among no tools",
    withBody({ tool_choice: "required" }),
    invalid("tool_choice", /offers none/),
  ],
  [
    "a choice of an unknown tool",
    withBody({ tool_choice: { type: "function", function: { name: "f" } } }),
    invalid("tool_choice", /"f".*tools/),
  ],
  [
    "an unknown format",
    withBody({ response_format: { type: "xml" } }),
    invalid("response_format.type", /one of "text", "json_object", "json_schema"/),
  ],
  [
    "a schema without a name",
    withBody({ response_format: { type: "json_schema", json_schema: { schema: {} } } }),
    invalid("response_format.json_schema.name", /is required/),
  ],
  [
    "an unknown effort",
    withBody({ reasoning_effort: "heroic" }),
    invalid("reasoning_effort", /one of "none"/),
  ],
  ["metadata of numbers", withBody({ metadata: { a: 1 } }), invalid("metadata.a", /a string/)],

  // Embeddings
  ["embeddings of nothing", withInput({}), invalid("input", /is required/)],
  ["embeddings of an empty text", withInput({ input: "" }), invalid("input", /not empty/)],
  ["embeddings of an empty list", withInput({ input: [] }), invalid("input", /at least 1/)],
  [
    "embeddings of a list with an empty text",
    withInput({ input: ["a", ""] }),
    invalid("input[1]", /not empty/),
  ],
  ["embeddings of token ids", withInput({ input: [[1, 2]] }), invalid("input[0]", /must be text/)],
  ["no dimensions", withInput({ input: "a", dimensions: 0 }), invalid("dimensions", /at least 1/)],
  [
    "an unknown encoding",
    withInput({ input: "a", encoding_format: "hex" }),
    invalid("encoding_format", /"float", "base64"/),
  ],
  [
    "a chat model asked for embeddings",
    withInput({ model: "open", input: "a" }),
    invalid("model", /\/v1\/chat\/completions/, "route_type_mismatch"),
  ],
  [
    "an embeddings model asked to chat",
    withBody({ model: "vectors" }),
    invalid("model", /\/v1\/embeddings/, "route_type_mismatch"),
  ],
];

describe("a bad request", () => {
  it.each(cases)(
    "is told what is wrong: %s",
    async (_what, sending, { status, says, type, ...facts }) => {
      const before = local.records.all.length;
      const got = await send(local, sending);
      const error = errorIn(got);
      expect(error).toMatchObject({ type: type ?? "invalid_request_error", ...facts });
      expect(got.status).toBe(status);
      expect(error.message).toMatch(says);
      expect(got.headers["x-request-id"]).toBe(got.requestId);
      const record = await onlyRecordOf(local, got.requestId);
      expect(local.records.all).toHaveLength(before + 1);
      expect(record).toMatchObject({
        status,
        error_type: facts.code,
        level: "warn",
        attempts: [],
        tokens: null,
        cost_usd: 0,
        client_aborted: false,
        bytes_out: Buffer.byteLength(got.text),
      });
    },
  );

  it("calls no model", () => {
    expect(local.simulator.calls()).toEqual([]);
    expect(local.log).toEqual([]);
  });
});

describe("a caller that is refused", () => {
  it.each([
    [keys.old, "old"],
    [keys.early, "early"],
    [keys.denied, "denied"],
    [keys.team, "team"],
  ])("by the key %s is known to the record as %s", async (key, tenant) => {
    const { requestId } = await send(local, closed(key));
    const record = await onlyRecordOf(local, requestId);
    expect(record).toMatchObject({ tenant, key_id: `${tenant}-key`, request_model: "closed" });
    expect(JSON.stringify(record)).not.toContain(key);
  });
});

describe("what is asked elsewhere than the API has it", () => {
  const elsewhere: [Sending, Expected & { allow?: string }][] = [
    [
      { path: "/v1/completions", body: {} },
      { status: 404, code: "not_found", says: /\/v1\/completions/ },
    ],
    [
      { path: "/v1/completions", body: "hello", headers: { "content-type": "text/plain" } },
      { status: 404, code: "not_found", says: /\/v1\/completions/ },
    ],
    [
      { path: "/v1/models", body: "hello", headers: { "content-type": "text/plain" } },
      { status: 405, code: "method_not_allowed", says: /takes GET/, allow: "GET" },
    ],
    [
      { path: "/", method: "GET" },
      { status: 404, code: "not_found", says: /\/v1\// },
    ],
    [
      { path: "/metrics", method: "GET" },
      { status: 404, code: "not_found", says: /\/metrics/ },
    ],
    [
      { path: "/v1//models", method: "GET" },
      { status: 404, code: "not_found", says: /\/v1\/\/models/ },
    ],
    [
      { path: "/v1/models/%ff", method: "GET" },
      { status: 400, code: "invalid_request_error", says: /path/ },
    ],
    [
      { path: chat, method: "GET" },
      { status: 405, code: "method_not_allowed", says: /takes POST, not GET/, allow: "POST" },
    ],
    [
      { path: `${chat}?x=1`, method: "PUT", body: {} },
      { status: 405, code: "method_not_allowed", says: /takes POST/, allow: "POST" },
    ],
    [
      { path: embeddings, method: "DELETE" },
      { status: 405, code: "method_not_allowed", says: /takes POST/, allow: "POST" },
    ],
    [
      { path: "/v1/models", body: {} },
      { status: 405, code: "method_not_allowed", says: /takes GET/, allow: "GET" },
    ],
    [
      { path: "/v1/models/open", method: "DELETE" },
      { status: 405, code: "method_not_allowed", says: /takes GET/, allow: "GET" },
    ],
    [
      { path: "/v1/models", method: "PROPFIND" },
      { status: 405, code: "method_not_allowed", says: /takes GET/, allow: "GET" },
    ],
    [
      { path: "/v1/models", method: "GET", headers: { "x-long": "x".repeat(9_000) } },
      {
        status: 431,
        code: "headers_too_large",
        says: /too large/,
      },
    ],
  ];

  it.each(elsewhere)("is told so: %o", async (sending, { status, code, says, allow }) => {
    const got = await send(local, sending);
    expect(errorIn(got)).toMatchObject({ code, message: expect.stringMatching(says) });
    expect(got.status).toBe(status);
    expect(got.headers["allow"]).toBe(allow);
  });

  it("answers HEAD for the models as it answers GET, without a body", async () => {
    const got = await send(local, { path: "/v1/models", method: "HEAD" });
    expect([got.status, got.text]).toEqual([200, ""]);
  });

  it("bears a request id all the same", async () => {
    const got = await send(local, { path: "/v1/nothing", method: "GET" });
    expect(got.headers["x-request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
    const listed = await send(local, { path: "/v1/models", method: "GET" });
    expect(listed.headers["x-request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
  });
});
