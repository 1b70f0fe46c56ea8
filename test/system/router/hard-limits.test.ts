import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { errorIn, onlyRecordOf, send, type Sending } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const europe = ["eu-central-1", "eu-west-1"];
const european = (name: string, model: "haiku" | "sonnet" | "lite") =>
  backendOf(model, {
    name,
    target: {
      modelId: `eu.${models[model]}`,
      region: "eu-central-1",
      processingRegions: europe,
    },
  });
const keys = {
  europe: "sy_key-of-the-europeans",
  chosen: "sy_key-of-the-choosy",
  secret: "sy_key-of-the-secretive",
  lost: "sy_key-of-the-hopeless",
};

let local: Local;

beforeAll(async () => {
  local = await startLocal({
    resources: [
      backendOf("micro", { dataClasses: ["public"] }),
      backendOf("tgi", { dataClasses: ["public"] }),
      backendOf("llama", { contextWindow: 2_000, maxOutputTokens: 500 }),
      backendOf("gpt-oss", { contextWindow: 4_000, maxOutputTokens: 800 }),
      backendOf("container", { capabilities: [] }),
      backendOf("titan"),
      backendOf("pro", { dataClasses: ["public", "secret"] }),
      european("haiku-eu", "haiku"),
      european("sonnet-eu", "sonnet"),
      // It says where it is called, not where it may process.
      backendOf("lite", { name: "lite-anywhere", target: { modelId: `us.${models.lite}` } }),
      routeOf("plain", ["tgi", "micro"]),
      routeOf("mute", ["container"]),
      routeOf("small", ["llama", "gpt-oss"]),
      routeOf("vectors", ["titan"], { type: "Embeddings" }),
      routeOf("world", ["haiku-eu", "micro", "lite-anywhere", "sonnet-eu", "pro"], {
        fallback: { maxAttempts: 5 },
      }),
      tenantOf("europe", keys.europe, { residency: { regions: [...europe, "eu-north-1"] } }),
      tenantOf("chosen", keys.chosen, {
        allowedBackends: [{ name: "micro" }, { name: "pro" }],
      }),
      tenantOf("secret", keys.secret, { dataClasses: ["secret", "public"] }),
      tenantOf("lost", keys.lost, {
        allowedBackends: [{ name: "titan" }],
        residency: { regions: ["ap-south-1"] },
      }),
    ],
  });
});

afterEach(() => local.heal());

afterAll(async () => local.stop());

const image = {
  role: "user",
  content: [
    { type: "text", text: "See?" },
    { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
  ],
};
const file = {
  role: "user",
  content: [
    {
      type: "file",
      file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" },
    },
  ],
};
const tools = [{ type: "function", function: { name: "look" } }];
const schema = { type: "json_schema", json_schema: { name: "a", schema: { type: "object" } } };

interface Told {
  param: string;
  says: RegExp;
  code?: string;
}

const limits: [what: string, sending: Sending, told: Told][] = [
  [
    "an image",
    { body: { model: "plain", messages: [image] } },
    { param: "messages", says: /takes images: send it without images, or name another model/ },
  ],
  [
    "a document",
    { body: { model: "plain", messages: [file] } },
    { param: "messages", says: /takes documents: send it without files/ },
  ],
  [
    "tools",
    { body: { ...chatOf("mute", "Hello"), tools } },
    { param: "tools", says: /takes tools: send it without tools/ },
  ],
  [
    "a stream",
    { body: chatOf("mute", "Hello", { stream: true }) },
    { param: "stream", says: /takes streams: send it with stream set to false/ },
  ],
  [
    "a schema",
    { body: { ...chatOf("mute", "Hello"), response_format: schema } },
    { param: "response_format", says: /JSON schema: send it without response_format/ },
  ],
  [
    "a long conversation",
    { body: chatOf("small", "word ".repeat(20_000)) },
    {
      param: "messages",
      says: /room for 4000: shorten the input/,
      code: "context_length_exceeded",
    },
  ],
  [
    "a long answer",
    { body: chatOf("small", "Hello", { max_tokens: 900 }) },
    { param: "max_completion_tokens", says: /at most 800: lower max_completion_tokens/ },
  ],
  [
    "other dimensions",
    { path: "/v1/embeddings", body: { model: "vectors", input: "a", dimensions: 77 } },
    { param: "dimensions", says: /77 dimensions: leave dimensions out, or ask for 1024/ },
  ],
  [
    "a long text to embed",
    { path: "/v1/embeddings", body: { model: "vectors", input: "word ".repeat(20_000) } },
    { param: "input", says: /room for 8192/, code: "context_length_exceeded" },
  ],
  [
    "backends that the tenant may not use",
    { body: chatOf("small", "Hello"), key: keys.chosen },
    { param: "model", says: /Your tenant may use none of the backends/ },
  ],
  [
    "regions that the tenant does not allow",
    { body: chatOf("small", "Hello"), key: keys.europe },
    { param: "model", says: /regions that your tenant allows \(.*eu-central-1/ },
  ],
  [
    "data classes that nobody is cleared for",
    { body: chatOf("small", "Hello"), key: keys.secret },
    { param: "model", says: /data classes \(public, secret\)/ },
  ],
  [
    "a tenant that nothing is left for",
    { body: chatOf("world", "Hello"), key: keys.lost },
    { param: "model", says: /Your tenant may use none/ },
  ],
];

describe("a request that no candidate may serve", () => {
  it.each(limits)("is told which limit: %s", async (_what, sending, { param, says, code }) => {
    const calls = local.simulator.calls().length;
    const got = await send(local, sending);
    expect(got.status).toBe(400);
    const error = errorIn(got);
    expect(error).toMatchObject({
      type: "invalid_request_error",
      code: code ?? "no_candidate",
      param,
    });
    expect(error.message).toMatch(says);
    // Which backends there are is not the client's business.
    expect(error.message).not.toMatch(/llama|gpt-oss|micro|tgi|container|titan|haiku|sonnet|lite/);
    const record = await onlyRecordOf(local, got.requestId);
    expect(record).toMatchObject({ status: 400, error_type: error.code, attempts: [] });
    expect(record.route).not.toBeNull();
    expect(local.simulator.calls()).toHaveLength(calls);
  });

  it("may be served by the one candidate that can", async () => {
    const got = await send(local, { body: chatOf("small", "Hello", { max_tokens: 700 }) });
    expect([got.status, got.headers["x-switchyard-backend"]]).toEqual([200, "gpt-oss"]);
  });
});

async function ask(key: string, more = {}) {
  const before = local.simulator.calls().length;
  const got = await send(local, { body: chatOf("world", "repeat: hello", more), key });
  const record = await onlyRecordOf(local, got.requestId);
  const called = local.simulator.calls().slice(before);
  return { got, record, called: called.map(({ requestedModel }) => requestedModel) };
}

const eu = { haiku: `eu.${models.haiku}`, sonnet: `eu.${models.sonnet}` };

describe.each([false, true])(
  "a tenant's limits hold for every attempt (streamed: %s)",
  (stream) => {
    it("of residency", async () => {
      local.simulator.faults.set({ model: models.haiku, kind: "throttling" });
      const { record, called } = await ask(keys.europe, { stream });
      expect(called).toEqual([eu.haiku, eu.sonnet]);
      expect(record).toMatchObject({ status: 200, tenant: "europe", key_id: "europe-key" });
      expect(record.attempts.map(({ backend }) => backend)).toEqual(["haiku-eu", "sonnet-eu"]);
    });

    it("of residency, when all that is allowed fails", async () => {
      local.simulator.faults.set({ model: "*", kind: "throttling" });
      const { got, called } = await ask(keys.europe, { stream });
      expect(got.status).toBe(429);
      expect(called).toEqual([eu.haiku, eu.sonnet]);
      expect(errorIn(got).attempts?.map(({ backend }) => backend)).toEqual([
        "haiku-eu",
        "sonnet-eu",
      ]);
    });

    it("of allowed backends", async () => {
      local.simulator.faults.set({ model: "*", kind: "throttling" });
      expect((await ask(keys.chosen, { stream })).called).toEqual([models.micro, models.pro]);
    });

    it("of data classes", async () => {
      local.simulator.faults.set({ model: "*", kind: "throttling" });
      expect((await ask(keys.secret, { stream })).called).toEqual([models.pro]);
    });

    it("and nobody else's requests are narrowed by them", async () => {
      local.simulator.faults.set({ model: "*", kind: "throttling" });
      const { called } = await ask("nobody's", { stream });
      expect(called).toEqual([eu.haiku, models.micro, `us.${models.lite}`, eu.sonnet, models.pro]);
    });
  },
);
