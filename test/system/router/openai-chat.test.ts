import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startLocal, type Local } from "../../support/start-local.ts";

let local: Local;
let client: OpenAI;

beforeAll(async () => {
  local = await startLocal();
  client = new OpenAI({ baseURL: `${local.url}/v1`, apiKey: "none", maxRetries: 0 });
});

afterEach(() => local.simulator.faults.clear());

afterAll(async () => local.stop());

describe("a chat", () => {
  it("is answered whole", async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({ model: "assistant", messages: [{ role: "user", content: "repeat: hello there" }] })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe("hello there");
    expect(response.headers.get("x-switchyard-request-id")).toBe(request_id);
    const record = await local.records.of(request_id);
    expect(record.attempts).toHaveLength(1);
  });
});
