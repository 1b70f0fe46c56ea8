import fc from "fast-check";
import type OpenAI from "openai";
import { describe, expect, it, vi } from "vitest";
import type { ChatReply, Frame } from "../../../../src/openai/index.ts";
import { errorOf } from "../../../support/openai-client.ts";
import { frames, reply } from "../../../support/router-parts.ts";
import { filteredRouter, filterEntry, framesOf, pieces, type Filtered } from "./filtered-router.ts";

const email = "jane.doe@example.com";
const prose = "The harbour wall had begun to lean, and nobody wished to pay. ";
const pii = (handling: Parameters<typeof filterEntry>[1] = {}) =>
  filterEntry({ type: "Pii" }, { stage: "Output", ...handling });
const body = {
  model: "assistant",
  stream: true as const,
  stream_options: { include_usage: true },
  messages: [{ role: "user" as const, content: "Go on" }],
};

type Chunk = OpenAI.ChatCompletionChunk;

interface Thoughtful {
  content?: string | null;
  reasoning_content?: string;
  thinking_blocks?: object[];
}

interface Seen {
  text: string;
  calls: string[];
  finish: string;
  tokens: number;
  error: unknown;
}

/** What a client made of a stream, and how it ended. */
async function read(stream: AsyncIterable<Chunk>): Promise<Seen> {
  const seen: Seen = { text: "", calls: [], finish: "", tokens: 0, error: undefined };
  try {
    for await (const chunk of stream) {
      seen.tokens = chunk.usage?.total_tokens ?? seen.tokens;
      for (const { delta, finish_reason: finish } of chunk.choices) {
        seen.finish = finish ?? seen.finish;
        seen.text += delta.content ?? "";
        addCalls(seen.calls, delta.tool_calls ?? []);
      }
    }
  } catch (error) {
    seen.error = error;
  }
  return seen;
}

function addCalls(
  calls: string[],
  deltas: readonly OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall[],
): void {
  for (const { index, function: called } of deltas)
    calls[index] = (calls[index] ?? "") + (called?.arguments ?? "");
}

async function streamed(given: readonly Frame[], filtered: Filtered) {
  const { client, parts } = await filteredRouter({ a: { stream: () => frames(given) } }, filtered);
  return { seen: await read(await client.chat.completions.create(body)), parts };
}

describe("a stream past filters", () => {
  it("is redacted, with its usage and its end as they were", async () => {
    const text = `${prose}Ask ${email}. ${prose}`;
    const { seen, parts } = await streamed(framesOf(reply({ text }), 7), {
      safety: [pii({ action: "Redact" })],
    });
    expect(seen).toEqual({
      text: text.replace(email, "[PII-EMAIL-1]"),
      calls: [],
      finish: "stop",
      tokens: 15,
      error: undefined,
    });
    expect(parts.records.safety).toMatchObject([
      {
        stage: "output",
        backend: "a",
        action: "redact",
        place: "choices[0].message.content",
        matches: [{ rule: "pii/email", start: prose.length + 4 }],
      },
    ]);
  });

  it("ends at a block behind what may pass: an error in its place, no usage, the upstream left", async () => {
    const given = framesOf(
      reply({ text: `${prose.repeat(20)}Ask ${email} or ${prose.repeat(20)}` }),
      9,
    );
    let pulled = 0;
    async function* counted() {
      for (const frame of given) {
        pulled += 1;
        yield frame;
        await new Promise(setImmediate);
      }
    }
    const { client, parts } = await filteredRouter(
      { a: { stream: () => counted() } },
      { safety: [pii()] },
    );
    const seen = await read(await client.chat.completions.create(body));
    expect(seen.text).toBe(`${prose.repeat(20)}Ask `);
    expect([seen.finish, seen.tokens]).toEqual(["", 0]);
    expect(seen.error).toMatchObject({ code: "content_filter", error: { rules: ["pii/email"] } });
    expect(pulled).toBeLessThan(given.length - 50);
    const [record] = parts.records.all;
    expect(record).toMatchObject({
      status: 200,
      error_type: "content_filter",
      token_source: "estimated",
      attempts: [{ backend: "a", error_type: "filter_blocked" }],
    });
    expect(record!.cost_usd).toBeGreaterThan(0);
  });

  it("that may let nothing out is a plain error", async () => {
    const { client } = await filteredRouter(
      { a: { stream: () => frames(framesOf(reply({ text: email }), 5)) } },
      { safety: [pii()] },
    );
    const error = await errorOf(client.chat.completions.create(body));
    expect(error).toMatchObject({ status: 400, code: "content_filter" });
  });

  it("goes on where another candidate may answer, as long as nothing is out", async () => {
    const text = `${prose}Ask ${email}`;
    const { client, parts } = await filteredRouter(
      {
        a: { stream: () => frames(framesOf(reply({ text }), 5)) },
        b: { stream: () => frames() },
      },
      { safety: [pii()], fallback: { when: ["FilterBlocked"] } },
    );
    const seen = await read(await client.chat.completions.create(body));
    expect([seen.text, seen.error]).toEqual(["Hello", undefined]);
    expect(parts.records.all[0]).toMatchObject({ fallback_reason: "FilterBlocked", status: 200 });
  });

  it("that breaks before anything is out lets another candidate answer", async () => {
    async function* broken(): AsyncGenerator<Frame> {
      yield { type: "text", text: "Hel" };
    }
    const { client } = await filteredRouter(
      { a: { stream: () => broken() }, b: { stream: () => frames() } },
      { safety: [pii()], fallback: { when: ["StreamBroken"] } },
    );
    const seen = await read(await client.chat.completions.create(body));
    expect([seen.text, seen.error]).toEqual(["Hello", undefined]);
  });

  it.each([
    ["redacted, without its signature", `Is it ${email}?`, "Is it [PII-EMAIL-1]?", false],
    ["as it was, with its signature", "Is it her?", "Is it her?", true],
  ])("tells a thought %s", async (_, thought, told, isSigned) => {
    const given: Frame[] = [
      ...pieces(thought, 4).map((piece): Frame => ({ type: "reasoning", text: piece })),
      { type: "reasoningSignature", signature: "s1" },
      { type: "redactedReasoning", data: "sealed" },
      ...framesOf(reply({ text: "Yes" }), 2),
    ];
    const { client, parts } = await filteredRouter(
      { a: { stream: () => frames(given) } },
      { safety: [pii({ action: "Redact" })] },
    );
    const chunks = await Array.fromAsync(await client.chat.completions.create(body));
    const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta as Thoughtful));
    expect(deltas.map((delta) => delta.reasoning_content ?? "").join("")).toBe(told);
    expect(deltas.flatMap((delta) => delta.thinking_blocks ?? [])).toEqual([
      ...(isSigned ? [{ type: "thinking", thinking: told, signature: "s1" }] : []),
      { type: "redacted_thinking", data: "sealed" },
    ]);
    expect(deltas.map(({ content }) => content ?? "").join("")).toBe("Yes");
    const places = parts.records.safety.map(({ place }) => place);
    expect(places).toEqual(isSigned ? [] : ["choices[0].message.thinking_blocks[0]"]);
  });

  it("tells a thought that nobody signs before what is said", async () => {
    const given: Frame[] = [
      { type: "reasoning", text: `Is it ${email}?` },
      ...framesOf(reply({ text: prose.repeat(20) }), 40),
    ];
    const { client } = await filteredRouter(
      { a: { stream: () => frames(given) } },
      { safety: [pii({ action: "Redact" })] },
    );
    const chunks = await Array.fromAsync(await client.chat.completions.create(body));
    const told = chunks
      .flatMap(({ choices }) => choices.map(({ delta }) => delta as Thoughtful))
      .map(({ reasoning_content: thought, content }) => thought ?? content ?? "");
    expect(told.join("")).toBe(`Is it [PII-EMAIL-1]?${prose.repeat(20)}`);
  });

  it("holds back no more than the window needs", async () => {
    let release: () => void = () => undefined;
    const more = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* halting(): AsyncGenerator<Frame> {
      for (const text of pieces(prose.repeat(10), 10)) yield { type: "text", text };
      await more;
      yield { type: "finish", reason: "stop" };
    }
    const { client } = await filteredRouter(
      { a: { stream: () => halting() } },
      { safety: [pii({ action: "Redact" })] },
    );
    let out = "";
    for await (const { choices } of await client.chat.completions.create(body)) {
      out += choices[0]?.delta.content ?? "";
      // The model has not ended, and what is told by now is out.
      if (out.length > prose.length * 10 - 460) release();
    }
    expect(out).toBe(prose.repeat(10));
  });

  it("that holds everything back is left with its client, and paid for so far", async () => {
    const leaving = new AbortController();
    let isLeft = false;
    async function* endless(): AsyncGenerator<Frame> {
      try {
        yield { type: "text", text: "Some words" };
        leaving.abort();
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          yield { type: "text", text: " and more" };
        }
      } finally {
        isLeft = true;
      }
    }
    const { client, parts } = await filteredRouter(
      { a: { stream: () => endless() } },
      { safety: [pii({ streaming: "Buffer" })] },
    );
    await errorOf(client.chat.completions.create(body, { signal: leaving.signal }));
    const [record] = await parts.records.where(() => true);
    expect(record).toMatchObject({
      client_aborted: true,
      attempts: [{ backend: "a", error_type: "client_closed_request", token_source: "estimated" }],
    });
    await vi.waitFor(() => expect(isLeft).toBe(true));
  });

  it("that falls silent behind a gate is a failure of its backend like any other", async () => {
    async function* silent(): AsyncGenerator<Frame> {
      yield { type: "text", text: "Some words" };
      await new Promise(() => undefined);
    }
    const { client, parts } = await filteredRouter(
      { a: { stream: () => silent() }, b: { stream: () => frames() } },
      {
        safety: [pii({ streaming: "Buffer" })],
        fallback: { when: ["StreamBroken"] },
        backend: {
          timeouts: { connectMs: 100, firstTokenMs: 1_000, idleMs: 50, totalMs: 5_000 },
        },
      },
    );
    const seen = await read(await client.chat.completions.create(body));
    expect([seen.text, seen.error]).toEqual(["Hello", undefined]);
    expect(parts.records.all[0]!.attempts).toMatchObject([
      { backend: "a", error_type: "stream_broken" },
      { backend: "b", error_type: null },
    ]);
  });

  it("tells of what it found too late to hold it, and then ends", async () => {
    const text = `Ask ${email}. ${prose.repeat(30)}`;
    const safety = [pii({ streaming: "Async" })];
    const { seen, parts } = await streamed(framesOf(reply({ text }), 9), { safety });
    expect(seen.text).toContain(email);
    expect(seen.text.length).toBeLessThan(text.length);
    expect(seen.error).toMatchObject({ code: "content_filter" });
    expect(parts.records.safety).toMatchObject([{ action: "block" }]);
  });

  it("is looked at behind by filters that only watch, also those that need the whole", async () => {
    const watching = filterEntry(
      { type: "Pattern", pattern: { expression: "lean.*Ask", ignoreCase: false } },
      { action: "Observe" },
    );
    const text = `${prose}Ask ${email}`;
    const { seen, parts } = await streamed(framesOf(reply({ text }), 4), { safety: [watching] });
    expect([seen.text, seen.finish]).toEqual([text, "stop"]);
    expect(parts.records.safety).toMatchObject([
      { filter: "pattern", action: "observe", matches: [{ rule: "pattern/expression" }] },
    ]);
  });

  it("goes out as a whole where a filter needs the whole", async () => {
    const shape = filterEntry(
      { type: "JsonSchema", jsonSchema: { schema: '{"type":"object"}' } },
      { stage: "Output" },
    );
    const good = await streamed(framesOf(reply({ text: '{"n": 1}' }), 2), { safety: [shape] });
    expect(good.seen).toMatchObject({ text: '{"n": 1}', finish: "stop", tokens: 15 });
    const { client } = await filteredRouter(
      { a: { stream: () => frames(framesOf(reply({ text: '{"n": 1' }), 2)) } },
      { safety: [shape] },
    );
    const error = await errorOf(client.chat.completions.create(body));
    expect(error).toMatchObject({ status: 400, error: { rules: ["json-schema/not-json"] } });
  });
});

const names = ["jane@example.com", "joe@example.com", "4111 1111 1111 1111", "[PII-EMAIL-1]"];
const word = fc.constantFrom(...names, "write to", '"', "\\", "\n", prose, "😀", "[", "plain");
const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(" "));

describe("whatever the pieces that an answer comes in", () => {
  let says: ChatReply;
  let size = 1;
  const start = async (filtered: Filtered, say?: (last: string) => ChatReply) => {
    const answerTo = ({ messages }: { messages: readonly object[] }): ChatReply => {
      const last = messages.at(-1) as { content?: unknown };
      return say?.(String(last.content)) ?? says;
    };
    const { client } = await filteredRouter(
      {
        a: {
          chat: ({ request }) => answerTo(request),
          stream: ({ request }) => frames(framesOf(answerTo(request), size)),
        },
      },
      filtered,
    );
    return client;
  };

  it("a client gets what the whole would have been, redacted", async () => {
    const words = { words: ["plain", "the harbour wall"], ignoreCase: true, wholeWords: true };
    const client = await start({
      safety: [
        pii({ action: "Redact" }),
        filterEntry({ type: "Secrets" }, { stage: "Output", action: "Observe" }),
        filterEntry({ type: "WordList", wordList: words }, { stage: "Output", action: "Redact" }),
      ],
    });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 40 }), async (said, cut) => {
        const toolCalls = [0, 1].map((index) => ({
          id: `c${index}`,
          name: "send",
          arguments: JSON.stringify({ said, index }),
        }));
        says = reply({ text: said, toolCalls, finishReason: "tool_calls" });
        size = cut;
        const { stream: _, stream_options: __, ...plain } = body;
        const whole = await client.chat.completions.create(plain);
        const seen = await read(await client.chat.completions.create(body));
        const { content, tool_calls: calls = [] } = whole.choices[0]!.message;
        expect(seen.text).toBe(content);
        expect(seen.calls).toEqual(
          calls.map((call) => (call.type === "function" ? call.function.arguments : "")),
        );
        expect(JSON.parse(seen.calls[1]!)).toMatchObject({ index: 1 });
        expect(seen.text + seen.calls.join()).not.toMatch(/@example|4111|plain|harbour wall/);
      }),
      { numRuns: 60 },
    );
  });

  it("a block lets out what stands before the first match, and nothing else", async () => {
    const client = await start({ safety: [pii()] });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 40 }), async (said, cut) => {
        says = reply({ text: said });
        size = cut;
        const first = Math.min(
          ...names
            .slice(0, 3)
            .map((name) => said.indexOf(name))
            .filter((at) => at >= 0),
        );
        const stream = await client.chat.completions.create(body).then(
          (opened) => opened,
          (error: unknown) => error,
        );
        if (stream instanceof Error) {
          expect(stream).toMatchObject({ status: 400, code: "content_filter" });
          expect(first).toBe(0);
          return;
        }
        const seen = await read(stream as AsyncIterable<Chunk>);
        expect(seen.text).toBe(first === Infinity ? said : said.slice(0, first));
        expect(seen.error === undefined).toBe(first === Infinity);
      }),
      { numRuns: 60 },
    );
  });

  it.each(["text", "arguments"] as const)(
    "what was redacted reversibly is put back, in %s",
    async (where) => {
      const client = await start(
        { safety: [pii({ stage: "Both", action: "Redact", reversible: true })] },
        (last) =>
          where === "text"
            ? reply({ text: last })
            : reply({
                text: "",
                finishReason: "tool_calls",
                toolCalls: [{ id: "c", name: "send", arguments: JSON.stringify({ last }) }],
              }),
      );
      await fc.assert(
        fc.asyncProperty(text, fc.integer({ min: 1, max: 40 }), async (said, cut) => {
          size = cut;
          const seen = await read(
            await client.chat.completions.create({
              ...body,
              messages: [{ role: "user", content: said }],
            }),
          );
          expect(seen.error).toBeUndefined();
          if (where === "text") expect(seen.text).toBe(said);
          else expect(JSON.parse(seen.calls[0]!)).toEqual({ last: said });
        }),
        { numRuns: 60 },
      );
    },
  );
});
