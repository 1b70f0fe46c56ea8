import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../../src/openai/index.ts";
import { apiErrorOf } from "../../../support/openai-client.ts";
import { usage } from "../../../support/router-parts.ts";
import { echoing, everythingWritten, filteredRouter, filterEntry } from "./filtered-router.ts";

const email = "jane.doe@example.com";
const card = "4111 1111 1111 1111";
const pii = (handling: Parameters<typeof filterEntry>[1] = {}) =>
  filterEntry({ type: "Pii" }, handling);
const hello = () => ({ text: "Hello" });

const user = (content: string) => ({ role: "user" as const, content });

/** Every place of a request that holds text, with the same text in it. */
const everywhere = (text: string): ChatRequest["messages"] => [
  { role: "system", content: `system ${text}` },
  { role: "developer", content: [{ type: "text", text: `developer ${text}` }] },
  {
    role: "user",
    content: [
      { type: "text", text: `user ${text}` },
      { type: "image_url", image_url: { url: "https://example.org/cat.png" } },
    ],
  },
  {
    role: "assistant",
    content: `assistant ${text}`,
    tool_calls: [
      { id: "c1", type: "function", function: { name: "f", arguments: `{"to":"${text}"}` } },
    ],
  },
  { role: "tool", tool_call_id: "c1", content: `tool ${text}` },
];

const tools = (text: string): ChatRequest["tools"] => [
  {
    type: "function",
    function: {
      name: "f",
      description: `described ${text}`,
      parameters: { type: "object", properties: { to: { type: "string", description: text } } },
    },
  },
];

const format = (fields: object) => ({
  type: "json_schema",
  json_schema: { name: "answer", ...fields },
});

describe("what a client sends", () => {
  it.each([
    ["a system prompt", 0, "messages[0].content"],
    ["a developer's part", 1, "messages[1].content[0].text"],
    ["a user's part", 2, "messages[2].content[0].text"],
    ["what an assistant said", 3, "messages[3].content"],
    ["a tool's result", 4, "messages[4].content"],
  ])("is blocked in %s, at no backend's cost", async (_, index, place) => {
    const { asked, script } = echoing(hello);
    const { client, parts } = await filteredRouter({ a: script }, { safety: [pii()] });
    const messages = everywhere("nothing").with(index, everywhere(email)[index]!);
    const error = await apiErrorOf(
      client.chat.completions.create({ model: "assistant", messages: messages as never }),
    );
    expect([error.status, error.code, error.param]).toEqual([400, "content_filter", place]);
    expect(error.error).toMatchObject({ rules: ["pii/email"], type: "invalid_request_error" });
    expect(error.message).toContain(
      "safety filter pii of the route blocked the request: pii/email",
    );
    expect(asked).toEqual([]);
    expect(parts.records.all[0]).toMatchObject({
      status: 400,
      error_type: "content_filter",
      attempts: [],
      cost_usd: 0,
      safety: { action: "block", rule_ids: ["pii/email"] },
    });
    expect(parts.records.safety).toMatchObject([
      { stream: "safety", stage: "input", action: "block", place, owner: "route", backend: null },
    ]);
  });

  it.each([
    [
      "response_format.json_schema.description",
      { response_format: format({ description: email }) },
    ],
    [
      "response_format.json_schema.schema",
      { response_format: format({ schema: { const: email } }) },
    ],
    ["stop", { stop: email }],
    ["stop[1]", { stop: ["END", email] }],
    ["guided_json", { guided_json: { const: email } }],
    ["guided_choice", { guided_choice: ["yes", email] }],
  ])("is found and redacted in %s", async (place, fields) => {
    const { asked, script } = echoing(hello);
    const redacting = pii({ action: "Redact" });
    const { client, parts } = await filteredRouter({ a: script }, { safety: [redacting] });
    await client.chat.completions.create({
      model: "assistant",
      messages: [user("hello")],
      ...(fields as object),
    });
    const [told] = Object.keys(fields);
    expect(asked[0]).toHaveProperty(
      told!,
      JSON.parse(JSON.stringify(fields).replace(email, "[PII-EMAIL-1]"))[told!],
    );
    expect(parts.records.safety).toMatchObject([{ action: "redact", place }]);
  });

  it("is seen for what it is in a tool's result that is JSON, which stays JSON", async () => {
    const { asked, script } = echoing(hello);
    const redacting = pii({ action: "Redact" });
    const { client } = await filteredRouter({ a: script }, { safety: [redacting] });
    const [question, call] = [user("hello"), everywhere("nothing")[3]!];
    const content = String.raw`{"found":["jane.doe\u0040example.com"],"note":"\"as asked\""}`;
    const result = { role: "tool", tool_call_id: "c1", content };
    const messages = [question, call, result];
    await client.chat.completions.create({ model: "assistant", messages: messages as never });
    expect(JSON.parse(asked[0]!.messages[2]!.content as string)).toEqual({
      found: ["[PII-EMAIL-1]"],
      note: '"as asked"',
    });
  });

  it("is redacted wherever it stands, and what the client holds stays as it is", async () => {
    const { asked, script } = echoing(hello);
    const safety = [pii({ action: "Redact" })];
    const { client, parts } = await filteredRouter({ a: script }, { safety });
    const messages = everywhere(email);
    await client.chat.completions.create({
      model: "assistant",
      messages: messages as never,
      tools: tools(email) as never,
    });
    const { messages: sent, tools: offered } = asked[0]!;
    expect([sent, offered]).toEqual([everywhere("[PII-EMAIL-1]"), tools("[PII-EMAIL-1]")]);
    expect(parts.records.safety.map(({ place }) => place)).toEqual([
      "messages[0].content",
      "messages[1].content[0].text",
      "messages[2].content[0].text",
      "messages[3].content",
      "messages[3].tool_calls[0].function.arguments",
      "messages[4].content",
      "tools[0].function.description",
      "tools[0].function.parameters",
    ]);
  });

  it("is redacted in embeddings' inputs", async () => {
    const inputs: string[][] = [];
    const { client } = await filteredRouter(
      {
        a: {
          embed: async ({ request }) => {
            inputs.push(request.input);
            return { vectors: request.input.map(() => [1]), usage, facts: {} };
          },
        },
      },
      { safety: [pii({ action: "Redact" })] },
    );
    await client.embeddings.create({ model: "vectors", input: ["plain", `of ${email}`] });
    expect(inputs).toEqual([["plain", "of [PII-EMAIL-1]"]]);
  });

  it("stays valid JSON in a call's arguments, escapes and numbers too", async () => {
    const { asked, script } = echoing(hello);
    const { client } = await filteredRouter({ a: script }, { safety: [pii({ action: "Redact" })] });
    const given = String.raw`{"a":"\"jane.doe\u0040example.com\"\n","n":4111111111111111,"k":[true,null,-1.5e3]}`;
    await client.chat.completions.create({
      model: "assistant",
      messages: [
        user("Go on"),
        {
          role: "assistant",
          tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: given } }],
        },
        { role: "tool", tool_call_id: "c", content: "done" },
      ],
    });
    const message = asked[0]!.messages[1];
    const sent = message?.role === "assistant" ? message.tool_calls?.[0]?.function.arguments : "";
    expect(JSON.parse(sent ?? "")).toEqual({
      a: '"[PII-EMAIL-1]"\n',
      n: "[PII-CREDIT-CARD-1]",
      k: [true, null, -1500],
    });
  });

  it("is only recorded where the filter observes", async () => {
    const { asked, script } = echoing(hello);
    const safety = [pii({ action: "Observe" })];
    const { client, parts } = await filteredRouter({ a: script }, { safety });
    await client.chat.completions.create({ model: "assistant", messages: [user(email)] });
    expect(asked[0]!.messages).toEqual([user(email)]);
    expect(parts.records.all[0]!.safety).toEqual({ action: "observe", rule_ids: ["pii/email"] });
    expect(parts.records.safety).toMatchObject([
      { action: "observe", matches: [{ rule: "pii/email", start: 0, end: 20 }], match_count: 1 },
    ]);
  });

  it("is bounded in size over all its texts", async () => {
    const { script } = echoing(hello);
    const safety = [
      filterEntry({ type: "MaxSize", maxSize: { characters: 20 } }, { stage: "Input" }),
    ];
    const { client } = await filteredRouter({ a: script }, { safety });
    const ask = (...texts: string[]) =>
      client.chat.completions.create({ model: "assistant", messages: texts.map(user) });
    await ask("ten letters", "and nine");
    const error = await apiErrorOf(ask("ten letters", "and ten more"));
    expect(error.error).toMatchObject({
      code: "content_filter",
      param: "messages[1].content",
      rules: ["max-size/characters"],
    });
  });

  it("of any length is found in the same places, however long the texts beside it", async () => {
    const { script } = echoing(hello);
    const safety = [pii({ action: "Observe" })];
    const { client, parts } = await filteredRouter({ a: script }, { safety, parts: {} });
    const prose = "The harbour wall had begun to lean. ";
    const long = `${prose.repeat(1_000)}${email} ${prose.repeat(1_000)}`;
    await client.chat.completions.create({
      model: "assistant",
      messages: [user(long), user(`a ${email}`)],
    });
    expect(parts.records.safety.map(({ place, matches }) => [place, matches[0]!.start])).toEqual([
      ["messages[0].content", prose.length * 1_000],
      ["messages[1].content", 2],
    ]);
  });
});

describe("a tenant's filters", () => {
  it("run before the route's of the same name, and both run", async () => {
    const { asked, script } = echoing(hello);
    const { client, parts } = await filteredRouter(
      { a: script },
      {
        safety: [pii({ action: "Observe" })],
        tenant: {
          safety: [
            filterEntry({ type: "Pii", pii: { entities: ["Email"] } }, { action: "Redact" }),
          ],
        },
      },
    );
    await client.chat.completions.create({
      model: "assistant",
      messages: [user(`${email} pays with ${card}`)],
    });
    expect(asked[0]!.messages).toEqual([user(`[PII-EMAIL-1] pays with ${card}`)]);
    expect(
      parts.records.safety.map(({ owner, filter, action, matches }) => [
        owner,
        filter,
        action,
        matches.map(({ rule }) => rule),
      ]),
    ).toEqual([
      ["tenant", "pii", "redact", ["pii/email"]],
      ["route", "pii", "observe", ["pii/credit-card"]],
    ]);
  });

  it("are not weakened by a route's filter of their name", async () => {
    const { asked, script } = echoing(hello);
    const { client } = await filteredRouter(
      { a: script },
      { safety: [pii({ action: "Observe", onFailure: "Allow" })], tenant: { safety: [pii()] } },
    );
    const error = await apiErrorOf(
      client.chat.completions.create({ model: "assistant", messages: [user(email)] }),
    );
    expect(error.message).toContain("safety filter pii of the tenant");
    expect(asked).toEqual([]);
  });

  it("only watch where the tenant's policy is only watched, and the route's still bite", async () => {
    const { asked, script } = echoing(hello);
    const { client, parts } = await filteredRouter(
      { a: script },
      {
        safety: [filterEntry({ type: "Secrets" })],
        tenant: { enforcement: "Observe", safety: [pii()] },
      },
    );
    await client.chat.completions.create({ model: "assistant", messages: [user(email)] });
    expect(asked).toHaveLength(1);
    expect(parts.records.safety).toMatchObject([{ owner: "tenant", action: "observe" }]);
    expect(parts.records.all[0]?.would_refuse).toEqual(["safety/pii"]);
    const key = `ghp_${"q7Rk2LmZ9xTb4WcY8vNd3HsJ6pGf1QaE5uKo"}`;
    const error = await apiErrorOf(
      client.chat.completions.create({ model: "assistant", messages: [user(key)] }),
    );
    expect(error.code).toBe("content_filter");
  });
});

describe("nothing that a router writes", () => {
  it.each(["Block", "Redact", "Observe"] as const)("holds what was found (%s)", async (action) => {
    const secret = `ghp_${"q7Rk2LmZ9xTb4WcY8vNd3HsJ6pGf1QaE5uKo"}`;
    const { script } = echoing(() => ({ text: `Take ${secret}` }));
    const { client, parts } = await filteredRouter(
      { a: script },
      { safety: [filterEntry({ type: "Secrets" }, { action }), pii({ action })] },
    );
    const ask = (stream: boolean) =>
      client.chat.completions
        .create({ model: "assistant", stream, messages: [user(`${secret} of ${email}`)] })
        .then(async (answer) => {
          if (Symbol.asyncIterator in answer) await Array.fromAsync(answer);
        });
    const outcomes = await Promise.allSettled([ask(false), ask(true)]);
    const bodies = outcomes.map((outcome) =>
      outcome.status === "rejected" ? JSON.stringify([outcome.reason, String(outcome.reason)]) : "",
    );
    expect(parts.records.safety.length).toBeGreaterThan(1);
    const written = everythingWritten(parts) + bodies.join("");
    expect(written).not.toContain(secret);
    expect(written).not.toContain(email);
  });
});
