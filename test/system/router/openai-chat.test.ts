import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { openAiClient } from "../../support/openai-client.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

type Messages = OpenAI.ChatCompletionMessageParam[];

const names = ["lite", "sonnet", "llama", "gpt-oss", "container", "tgi"] as const;
const digestForm = /^[0-9a-f]{64}$/;
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const pdf = Buffer.from("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n").toString("base64");

let local: Local;
let client: OpenAI;

beforeAll(async () => {
  local = await startLocal({
    resources: [
      ...names.map((name) => backendOf(name)),
      ...names.map((name) => routeOf(name, [name])),
    ],
  });
  client = openAiClient(local);
});

afterAll(async () => local.stop());

const textOf = (chunks: readonly OpenAI.ChatCompletionChunk[]) =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
const endsOf = (chunks: readonly OpenAI.ChatCompletionChunk[]) =>
  chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []);

const say = (content: string): Messages => [{ role: "user", content }];

describe.each(names)("an OpenAI client that asks %s", (model) => {
  it("gets a whole answer, told where it came from", async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({ model, messages: say("repeat: good day to you") })
      .withResponse();
    expect(data).toMatchObject({
      object: "chat.completion",
      model,
      choices: [
        {
          index: 0,
          finish_reason: "stop",
          message: { role: "assistant", content: "good day to you" },
        },
      ],
    });
    const { usage } = data;
    expect(usage?.prompt_tokens).toBeGreaterThan(0);
    expect(usage?.total_tokens).toBe(usage!.prompt_tokens + usage!.completion_tokens);
    expect(data).toHaveProperty("_request_id", request_id);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-switchyard-backend": model,
      "x-switchyard-attempts": "1",
      "x-switchyard-reason": "ordered",
      "x-switchyard-request-id": request_id,
      "x-switchyard-table-digest": expect.stringMatching(digestForm),
    });
    const record = await local.records.of(request_id);
    expect(record).toMatchObject({
      status: 200,
      streaming: false,
      operation: "chat",
      request_model: model,
      finish_reason: "stop",
      error_type: null,
      token_source: "provider",
      client_aborted: false,
      tokens: { in: usage?.prompt_tokens, out: usage?.completion_tokens },
      attempts: [{ backend: model, kind: "first", status: 200, error_type: null }],
    });
  });

  it("gets the same answer as a stream, with its usage when asked for", async () => {
    const { data, request_id, response } = await client.chat.completions
      .create({
        model,
        messages: say("count from 1 to 40"),
        stream: true,
        stream_options: { include_usage: true },
      })
      .withResponse();
    const chunks = await Array.fromAsync(data);
    const text = textOf(chunks);
    expect(text).toBe(Array.from({ length: 40 }, (_, index) => index + 1).join(", "));
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
    expect(endsOf(chunks)).toEqual(["stop"]);
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.completion_tokens).toBeGreaterThan(40);
    expect(response.headers.get("x-switchyard-backend")).toBe(model);
    expect(response.headers.get("x-switchyard-table-digest")).toMatch(digestForm);
    const { prompt_tokens, completion_tokens } = last!.usage!;
    const record = await local.records.of(request_id);
    expect(record).toMatchObject({
      streaming: true,
      token_source: "provider",
      tokens: { in: prompt_tokens, out: completion_tokens },
      ttft_ms: expect.any(Number),
      attempts: [{ ttft_ms: expect.any(Number) }],
    });
    expect(record.bytes_out).toBeGreaterThan(text.length);
  });

  it("gets no chunk of usage it did not ask for, and the record has it all the same", async () => {
    const { data, request_id } = await client.chat.completions
      .create({ model, messages: say("repeat: no bill please"), stream: true })
      .withResponse();
    const chunks = await Array.fromAsync(data);
    expect(
      chunks.every(({ usage, choices }) => (usage ?? null) === null && choices.length === 1),
    ).toBe(true);
    const record = await local.records.of(request_id);
    expect(record.token_source).toBe("provider");
    expect(record.tokens?.out).toBeGreaterThan(0);
  });

  it("collects a stream with the client's own helper", async () => {
    const stream = client.chat.completions.stream({ model, messages: say("repeat: one by one") });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe("one by one");
    expect(final.choices[0]?.finish_reason).toBe("stop");
  });

  it("ends with length at max_tokens, whole and streamed", async () => {
    const asked = { model, messages: say("count from 1 to 400"), max_tokens: 7 };
    const whole = await client.chat.completions.create(asked);
    expect(whole.choices[0]?.finish_reason).toBe("length");
    expect(whole.usage?.completion_tokens).toBeLessThanOrEqual(7);
    const { max_tokens: max_completion_tokens, ...rest } = asked;
    const stream = await client.chat.completions.create({
      ...rest,
      max_completion_tokens,
      stream: true,
    });
    const chunks = await Array.fromAsync(stream);
    expect(endsOf(chunks)).toEqual(["length"]);
  });

  it("ends before a stop sequence", async () => {
    const whole = await client.chat.completions.create({
      model,
      messages: say("count from 1 to 40"),
      stop: ["7,", " 30"],
    });
    expect(whole.choices[0]?.finish_reason).toBe("stop");
    expect(whole.choices[0]?.message.content?.trimEnd()).toBe("1, 2, 3, 4, 5, 6,");
  });

  it("may send system and developer messages, and parts of text", async () => {
    const whole = await client.chat.completions.create({
      model,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "developer", content: [{ type: "text", text: "Be kind." }] },
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Hello, what can I do?" },
        {
          role: "user",
          content: [
            { type: "text", text: "repeat:" },
            { type: "text", text: "well done" },
          ],
        },
      ],
      temperature: 0.3,
      top_p: 0.9,
      safety_identifier: "somebody",
      presence_penalty: 0.1,
      logit_bias: {},
      store: false,
      metadata: { purpose: "test" },
    });
    expect(whole.choices[0]?.message.content).toContain("well done");
  });
});

describe.each(["lite", "sonnet"])("an OpenAI client that shows things to %s", (model) => {
  it("sends an image as a data URL", async () => {
    const whole = await client.chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is in this picture?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
          ],
        },
      ],
    });
    const bytes = Buffer.from(pixel, "base64").length;
    expect(whole.choices[0]?.message.content).toContain(`I see the image (png, ${bytes} bytes)`);
  });

  it("sends a document", async () => {
    const whole = await client.chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [
            {
              type: "file",
              file: { filename: "plan.pdf", file_data: `data:application/pdf;base64,${pdf}` },
            },
            { type: "text", text: "Sum it up" },
          ],
        },
      ],
    });
    expect(whole.choices[0]?.message.content).toMatch(/I see the document ".*" \(pdf, \d+ bytes\)/);
  });
});

describe.each(["sonnet", "gpt-oss", "lite", "container"])(
  "an OpenAI client that wants JSON from %s",
  (model) => {
    const response_format = {
      type: "json_schema" as const,
      json_schema: {
        name: "person",
        strict: true,
        schema: {
          type: "object",
          properties: { name: { type: "string" }, age: { type: "integer" } },
          required: ["name", "age"],
          additionalProperties: false,
        },
      },
    };

    it("gets what its schema says, by its parse helper", async () => {
      const parsed = await client.chat.completions.parse({
        model,
        messages: say("Who invented the telephone, and how old was he?"),
        response_format,
      });
      expect(parsed.choices[0]?.finish_reason).toBe("stop");
      expect(parsed.choices[0]?.message.tool_calls ?? []).toEqual([]);
      expect(parsed.choices[0]?.message.parsed).toEqual({
        name: expect.any(String),
        age: expect.any(Number),
      });
    });

    it("gets it as a stream too", async () => {
      const stream = client.chat.completions.stream({
        model,
        messages: say("Who invented the telephone, and how old was he?"),
        response_format,
      });
      const final = await stream.finalChatCompletion();
      expect(JSON.parse(final.choices[0]?.message.content ?? "")).toEqual({
        name: expect.any(String),
        age: expect.any(Number),
      });
      expect(final.choices[0]?.finish_reason).toBe("stop");
    });
  },
);
