import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { apiErrorOf, openAiClient } from "../../support/openai-client.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const key = "sy_a-key-of-the-team";
const unknownKey = "sy_a-key-of-nobody";

let local: Local;
let client: OpenAI;

beforeAll(async () => {
  local = await startLocal({
    resources: [
      backendOf("titan"),
      backendOf("micro"),
      routeOf("vectors", ["titan"], { type: "Embeddings" }),
      routeOf("open", ["micro"], { models: ["open", "vendor/open:1"] }),
      routeOf("closed", ["micro"], { access: "Tenants", labels: { team: "a" } }),
      routeOf("others", ["micro"], { access: "Tenants", labels: { team: "b" } }),
      tenantOf("team", key, { routes: { selector: { matchLabels: { team: "a" } } } }),
    ],
  });
  client = openAiClient(local);
});

afterAll(async () => local.stop());

describe("the list of models", () => {
  const idsFor = async (apiKey: string) =>
    (await Array.fromAsync(openAiClient(local, apiKey).models.list())).map(({ id }) => id);

  it.each(["none", unknownKey])("shows a caller with the key %s the open ones", async (apiKey) => {
    expect(await idsFor(apiKey)).toEqual(["open", "vendor/open:1", "vectors"]);
  });

  it("shows a tenant its own as well, and nobody else's", async () => {
    expect(await idsFor(key)).toEqual(["closed", "open", "vendor/open:1", "vectors"]);
  });

  it("gives one model, also under a name with slashes", async () => {
    const model = await client.models.retrieve("vendor/open:1");
    expect(model).toMatchObject({ id: "vendor/open:1", object: "model" });
    expect(model.created).toBeTypeOf("number");
    expect(model.owned_by).toBeTypeOf("string");
  });

  it.each(["closed", "others", "nothing"])("knows nothing of %s without a key", async (name) => {
    const error = await apiErrorOf(client.models.retrieve(name));
    expect(error).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    expect(error.message).toContain(`"${name}"`);
  });
});

describe("embeddings", () => {
  const input = ["the first text", "another"];

  it("come as numbers when asked for so", async () => {
    const { data, request_id } = await client.embeddings
      .create({ model: "vectors", input, encoding_format: "float" })
      .withResponse();
    expect(data.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(data.data.map(({ embedding }) => embedding.length)).toEqual([1024, 1024]);
    expect(data.model).toBe("vectors");
    expect(data.usage.prompt_tokens).toBeGreaterThan(0);
    expect(await local.records.of(request_id)).toMatchObject({
      operation: "embeddings",
      route: "vectors",
      status: 200,
      tokens: { in: data.usage.prompt_tokens, out: 0 },
    });
  });

  it("come as base64 by the client's default, and are the same vectors", async () => {
    const plain = await client.embeddings.create({
      model: "vectors",
      input,
      encoding_format: "float",
    });
    const { data: packed, response } = await client.embeddings
      .create({ model: "vectors", input })
      .withResponse();
    expect(response.headers.get("x-switchyard-backend")).toBe("titan");
    for (const [index, { embedding }] of packed.data.entries()) {
      const exact = plain.data[index]?.embedding ?? [];
      expect(embedding).toHaveLength(1024);
      for (const [place, value] of embedding.entries()) expect(value).toBeCloseTo(exact[place]!, 5);
    }
  });

  it("take one text as well as a list", async () => {
    const { data } = await client.embeddings.create({ model: "vectors", input: "alone" });
    expect(data).toHaveLength(1);
  });
});
