import { describe, expect, it } from "vitest";
import type { ChatReply, ChatRequest } from "../../../../src/openai/index.ts";
import { apiErrorOf } from "../../../support/openai-client.ts";
import { reply } from "../../../support/router-parts.ts";
import { echoing, filteredRouter, filterEntry, type Filtered } from "./filtered-router.ts";

const email = "jane.doe@example.com";
const pii = (handling: Parameters<typeof filterEntry>[1] = {}) =>
  filterEntry({ type: "Pii" }, { stage: "Output", ...handling });
const body = { model: "assistant", messages: [{ role: "user" as const, content: "Go on" }] };

/** What the last message of a request says. */
function lastText({ messages }: ChatRequest): string {
  const content = messages.at(-1)?.content;
  return typeof content === "string" ? content : "";
}

const calls = (text: string): Partial<ChatReply> => ({
  text: "",
  finishReason: "tool_calls",
  toolCalls: [{ id: "c1", name: "send", arguments: text }],
});

async function whole(says: Partial<ChatReply>, filtered: Filtered) {
  const { script } = echoing(() => says);
  const { client, parts } = await filteredRouter({ a: script }, filtered);
  return { answered: client.chat.completions.create(body), parts };
}

describe("a whole answer", () => {
  it("that a filter blocks is an error with the rules, and what it cost is settled", async () => {
    const { answered, parts } = await whole({ text: `Ask ${email}` }, { safety: [pii()] });
    const error = await apiErrorOf(answered);
    expect([error.status, error.code, error.type]).toEqual([
      400,
      "content_filter",
      "invalid_request_error",
    ]);
    expect(error.error).toMatchObject({
      rules: ["pii/email"],
      attempts: [{ backend: "a", code: "filter_blocked" }],
    });
    const [record] = parts.records.all;
    expect(record).toMatchObject({
      error_type: "content_filter",
      attempts: [{ error_type: "filter_blocked", tokens: { in: 10, out: 5 } }],
      safety: { action: "block", rule_ids: ["pii/email"] },
    });
    expect(record!.cost_usd).toBeGreaterThan(0);
    expect(parts.records.safety).toMatchObject([
      { stage: "output", backend: "a", place: "choices[0].message.content", action: "block" },
    ]);
  });

  it.each([
    ["what it says", { text: `Ask ${email}` }, { content: "Ask [PII-EMAIL-1]" }],
    [
      "what it thought, whose signature then vouches for nothing",
      { reasoning: [{ type: "thinking" as const, thinking: `Is it ${email}?`, signature: "s" }] },
      { reasoning_content: "Is it [PII-EMAIL-1]?", thinking_blocks: undefined },
    ],
    [
      "the arguments of a call",
      calls(String.raw`{"to":"jane.doe\u0040example.com","n":1}`),
      { tool_calls: [{ function: { arguments: '{"to":"[PII-EMAIL-1]","n":1}' } }] },
    ],
  ])("is redacted in %s", async (_, says, expected) => {
    const { answered } = await whole(says, { safety: [pii({ action: "Redact" })] });
    const { message } = (await answered).choices[0]!;
    expect({ ...message, thinking_blocks: undefined }).toMatchObject(expected);
  });

  it("that may pass keeps its thoughts' signatures", async () => {
    const reasoning = [{ type: "thinking" as const, thinking: "Hm", signature: "s" }];
    const { answered } = await whole({ reasoning }, { safety: [pii({ action: "Redact" })] });
    expect((await answered).choices[0]!.message).toMatchObject({ thinking_blocks: reasoning });
  });

  describe("of a schema", () => {
    const shape = filterEntry(
      { type: "JsonSchema", jsonSchema: { schema: '{"type":"object","required":["n"]}' } },
      { stage: "Output" },
    );
    it.each([
      ["is JSON of the shape", { text: '{"n":1}' }, undefined],
      ["lacks a member", { text: "{}" }, "json-schema/required"],
      ["is no JSON", { text: "n is 1" }, "json-schema/not-json"],
      ["was cut off", { text: '{"n":', finishReason: "length" }, "json-schema/not-json"],
      ["calls a tool instead", calls("{}"), undefined],
      ["speaks before it calls a tool", { ...calls("{}"), text: "One moment" }, undefined],
    ] as [string, Partial<ChatReply>, string | undefined][])("that %s", async (_, says, rule) => {
      const { answered } = await whole(says, { safety: [shape] });
      if (rule === undefined) await expect(answered).resolves.toBeDefined();
      else expect((await apiErrorOf(answered)).error).toMatchObject({ rules: [rule] });
    });
  });
});

describe("a filter's block of an answer", () => {
  const clean = () => reply({ text: "Ask the desk" });

  it.each([false, true])(
    "lets the next candidate answer where the route says so (stream: %s)",
    async (stream) => {
      const { script } = echoing(() => ({ text: `Ask ${email}` }));
      const { script: other } = echoing(clean);
      const { client, parts } = await filteredRouter(
        { a: script, b: other },
        { safety: [pii({ streaming: "Buffer" })], fallback: { when: ["FilterBlocked"] } },
      );
      const answer = await client.chat.completions.create({ ...body, stream });
      const text =
        Symbol.asyncIterator in answer
          ? (await Array.fromAsync(answer)).map((chunk) => chunk.choices[0]?.delta.content).join("")
          : answer.choices[0]?.message.content;
      expect(text).toBe("Ask the desk");
      const { requestId: _, ...told } = { requestId: "", ...parts.records.all[0]! };
      expect(told).toMatchObject({
        status: 200,
        error_type: null,
        fallback_reason: "FilterBlocked",
        attempts: [
          { backend: "a", error_type: "filter_blocked" },
          { backend: "b", error_type: null },
        ],
      });
      expect(told.attempts[0]!.cost_usd).toBeGreaterThan(0);
    },
  );

  it("is the client's error where no other candidate passes either", async () => {
    const { script } = echoing(() => ({ text: `Ask ${email}` }));
    const { client } = await filteredRouter(
      { a: script, b: script },
      { safety: [pii()], fallback: { when: ["FilterBlocked"] } },
    );
    const error = await apiErrorOf(client.chat.completions.create(body));
    expect([error.code, error.error]).toMatchObject([
      "content_filter",
      { attempts: [{ backend: "a" }, { backend: "b" }] },
    ]);
  });

  it("falls back for nothing else that the route leaves out", async () => {
    const { script } = echoing(() => ({ text: `Ask ${email}` }));
    const { client, parts } = await filteredRouter(
      { a: script, b: echoing(clean).script },
      { safety: [pii()], fallback: { when: ["ServerError"] } },
    );
    await apiErrorOf(client.chat.completions.create(body));
    expect(parts.records.all[0]!.attempts).toHaveLength(1);
  });
});

describe("what was redacted reversibly", () => {
  const reversible = pii({ stage: "Both", action: "Redact", reversible: true });
  const key =
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEq7Rk2LmZ9xTb4WcY8vNd3HsJ6pGf1QaE\n-----END RSA PRIVATE KEY-----";

  it("is put back into the answer, and a later turn redacts it to the same stand-ins", async () => {
    const { asked, script } = echoing((request) => ({ text: `You said: ${lastText(request)}` }));
    const { client } = await filteredRouter({ a: script }, { safety: [reversible] });
    const messages: { role: "user" | "assistant"; content: string }[] = [
      { role: "user", content: `I am ${email}` },
    ];
    const first = await client.chat.completions.create({ model: "assistant", messages });
    const said = first.choices[0]!.message.content;
    expect(said).toBe(`You said: I am ${email}`);
    messages.push({ role: "assistant", content: said! });
    messages.push({ role: "user", content: "and joe@example.com is my friend" });
    const second = await client.chat.completions.create({ model: "assistant", messages });
    expect(second.choices[0]!.message.content).toBe("You said: and joe@example.com is my friend");
    expect(asked.map(({ messages: sent }) => sent.map(({ content }) => content))).toEqual([
      ["I am [PII-EMAIL-1]"],
      ["I am [PII-EMAIL-1]", "You said: I am [PII-EMAIL-1]", "and [PII-EMAIL-2] is my friend"],
    ]);
  });

  it("is put back into a call's arguments as JSON, whatever it holds", async () => {
    const { script } = echoing((request) => calls(JSON.stringify({ key: lastText(request) })));
    const safety = [filterEntry({ type: "Secrets" }, { action: "Redact", reversible: true })];
    const { client } = await filteredRouter({ a: script }, { safety });
    const answer = await client.chat.completions.create({
      model: "assistant",
      messages: [{ role: "user", content: key }],
    });
    const call = answer.choices[0]!.message.tool_calls?.[0];
    const given = call?.type === "function" ? call.function.arguments : "";
    expect(JSON.parse(given)).toEqual({ key });
  });

  it("keeps a thought's signature, since the next turn's redaction makes its words again", async () => {
    const thinking = (request: ChatRequest) => ({
      reasoning: [{ type: "thinking" as const, thinking: lastText(request), signature: "s" }],
    });
    const { asked, script } = echoing(thinking);
    const { client } = await filteredRouter({ a: script }, { safety: [reversible] });
    const question = { role: "user" as const, content: `I am ${email}` };
    const first = await client.chat.completions.create({
      model: "assistant",
      messages: [question],
    });
    const { message } = first.choices[0]!;
    expect(message).toMatchObject({
      thinking_blocks: [{ thinking: question.content, signature: "s" }],
    });
    await client.chat.completions.create({ model: "assistant", messages: [question, message] });
    expect(asked[1]!.messages[1]).toMatchObject({
      thinking_blocks: [{ thinking: "I am [PII-EMAIL-1]", signature: "s" }],
    });
  });

  it("is not put back where the model made it up itself", async () => {
    const { script } = echoing(() => ({ text: "Or ask joe@example.com" }));
    const { client } = await filteredRouter({ a: script }, { safety: [reversible] });
    const answer = await client.chat.completions.create({
      model: "assistant",
      messages: [{ role: "user", content: `I am ${email}` }],
    });
    expect(answer.choices[0]!.message.content).toBe("Or ask [PII-EMAIL-2]");
  });
});
