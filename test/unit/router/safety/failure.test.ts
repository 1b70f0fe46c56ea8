import { describe, expect, it, vi } from "vitest";
import type { MakeGuardrailFilter } from "../../../../src/router/index.ts";
import type { RemoteCall, RemoteVerdict } from "../../../../src/safety/index.ts";
import type { GuardrailFilterSettings } from "../../../../src/table/index.ts";
import { apiErrorOf } from "../../../support/openai-client.ts";
import { echoing, everythingWritten, filteredRouter, filterEntry } from "./filtered-router.ts";

const secret = "the-secret-of-the-text";
const body = { model: "assistant", messages: [{ role: "user" as const, content: secret }] };
const settings = {
  type: "BedrockGuardrail",
  bedrockGuardrail: {
    id: "g",
    version: "1",
    region: "eu-west-1",
    credentials: { type: "Ambient" },
  },
} as const satisfies Omit<GuardrailFilterSettings, "name">;

type Ask = (texts: readonly string[], call: RemoteCall) => Promise<readonly RemoteVerdict[]>;

const guardrail =
  (inspect: Ask): MakeGuardrailFilter =>
  ({ name }) => ({ name, remote: true, inspect });

const clean: Ask = (texts) => Promise.resolve(texts.map(() => ({ filter: "g", matches: [] })));
const throws: Ask = () => Promise.reject(new TypeError(`Nothing can be made of ${secret}`));
const never: Ask = () => new Promise(() => undefined);
const wholeOf = (text: string) => [
  { rule: "bedrock-guardrail/topic/x", start: 0, end: text.length },
];

const ask = async (inspect: Ask, handling: Parameters<typeof filterEntry>[1], stream = false) => {
  const { asked, script } = echoing(() => ({ text: `You said ${secret}` }));
  const { client, parts } = await filteredRouter(
    { a: script },
    { safety: [filterEntry(settings, handling)], makeGuardrail: guardrail(inspect) },
  );
  const answer = client.chat.completions.create({ ...body, stream }).then(async (given) => {
    if (Symbol.asyncIterator in given) {
      const chunks = await Array.fromAsync(given);
      return chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    }
    return given.choices[0]?.message.content;
  });
  return { answer, parts, asked };
};

describe("a filter that fails", () => {
  it("blocks where it is to, before a backend is asked, and says no more than that", async () => {
    const { answer, parts, asked } = await ask(throws, { stage: "Input" });
    const error = await apiErrorOf(answer);
    expect([error.status, error.code, error.error]).toMatchObject([
      400,
      "content_filter",
      { rules: ["filter/failed"] },
    ]);
    expect(asked).toEqual([]);
    expect(parts.records.safety).toMatchObject([
      { failure: "failed", action: "block", level: "error", matches: [] },
    ]);
    expect(parts.faults.map(String)).toEqual([
      "Error: The safety filter bedrockguardrail of the route failed: TypeError",
    ]);
    expect(everythingWritten(parts) + JSON.stringify(error)).not.toContain(secret);
  });

  it.each([false, true])(
    "lets pass where it is to, and is recorded (stream: %s)",
    async (stream) => {
      const { answer, parts } = await ask(throws, { onFailure: "Allow" }, stream);
      expect(await answer).toBe(`You said ${secret}`);
      expect(
        parts.records.safety.map(({ stage, failure, action }) => [stage, failure, action]),
      ).toEqual([
        ["input", "failed", "allow"],
        ["output", "failed", "allow"],
      ]);
    },
  );

  it("stops nothing where it only observes, whatever it is to do when it fails", async () => {
    const { answer } = await ask(throws, { action: "Observe", onFailure: "Block" });
    expect(await answer).toBe(`You said ${secret}`);
  });

  it("is late once its time is over, and its call is told to end", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let signal: AbortSignal | undefined;
    try {
      const { answer, parts } = await ask(
        (texts, call) => {
          signal = call.signal;
          void vi.advanceTimersByTimeAsync(5_000);
          return never(texts, call);
        },
        { stage: "Input" },
      );
      expect((await apiErrorOf(answer)).error).toMatchObject({ rules: ["filter/late"] });
      expect(parts.records.safety).toMatchObject([{ failure: "late", action: "block" }]);
      expect(signal?.aborted).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("by an answer for fewer texts than it was asked of has failed for the others", async () => {
    const { answer } = await ask(() => Promise.resolve([]), { stage: "Input" });
    expect((await apiErrorOf(answer)).error).toMatchObject({ rules: ["filter/failed"] });
  });

  it("that was never made, since another release compiled the table, fails as any other", async () => {
    const unknown = filterEntry({
      type: "Pattern",
      pattern: { expression: "a(?=b)", ignoreCase: false },
    });
    const { client } = await filteredRouter(
      { a: echoing(() => ({ text: "Hello" })).script },
      { safety: [unknown] },
    );
    const error = await apiErrorOf(client.chat.completions.create(body));
    expect(error.error).toMatchObject({ rules: ["filter/failed"] });
  });

  it("in the middle of a stream lets the rest pass, what it held included", async () => {
    const words = "one two three four five six seven eight nine ten ".repeat(20);
    const failing = filterEntry(
      { type: "WordList", wordList: { words: ["zebra"], ignoreCase: true, wholeWords: true } },
      { stage: "Output", action: "Redact", onFailure: "Allow" },
    );
    const { client, parts } = await filteredRouter(
      { a: echoing(() => ({ text: words })).script },
      { safety: [failing] },
    );
    const armed = parts.filters.armed(parts.tables.current!.table.routes["chat"]!, null)!;
    const [filter] = armed.output;
    let looks = 0;
    vi.spyOn(filter!.filter, "inspect").mockImplementation(() => {
      looks += 1;
      if (looks > 2) throw new RangeError("Out of words");
      return { filter: "w", matches: [] } as never;
    });
    const chunks = await Array.fromAsync(
      await client.chat.completions.create({ ...body, stream: true }),
    );
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(text).toBe(words);
    expect(parts.records.safety).toMatchObject([{ failure: "failed", action: "allow" }]);
  });
});

describe("a filter that asks elsewhere", () => {
  it("is asked once a stage, of all its texts, and billed", async () => {
    const calls: (readonly string[])[] = [];
    const { answer, parts } = await ask((texts, { stage }) => {
      calls.push([stage, ...texts]);
      return Promise.resolve(texts.map(() => ({ filter: "g", matches: [], units: 2 })));
    }, {});
    await answer;
    expect(calls).toEqual([
      ["Input", secret],
      ["Output", `You said ${secret}`],
    ]);
    const lines = parts.records.all[0]!.ledger.filter(({ kind }) => kind === "guardrail");
    expect(lines.map(({ units }) => units)).toEqual([2, 2]);
  });

  it.each([false, true])("blocks an answer that it intervenes for (stream: %s)", async (stream) => {
    const { answer } = await ask(
      (texts, { stage }) =>
        stage === "Input"
          ? clean(texts, { stage, signal: new AbortController().signal })
          : Promise.resolve(texts.map((text) => ({ filter: "g", matches: wholeOf(text) }))),
      {},
      stream,
    );
    const error = await apiErrorOf(answer);
    expect([error.status, error.error]).toMatchObject([
      400,
      { code: "content_filter", rules: ["bedrock-guardrail/topic/x"] },
    ]);
  });

  it("has its time, in which no backend is blamed for its silence", async () => {
    const slow: Ask = async (texts, call) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return clean(texts, call);
    };
    const { client, parts } = await filteredRouter(
      { a: echoing(() => ({ text: `You said ${secret}` })).script },
      {
        safety: [filterEntry(settings, { stage: "Output" })],
        makeGuardrail: guardrail(slow),
        backend: {
          timeouts: { connectMs: 100, firstTokenMs: 5_000, idleMs: 40, totalMs: 10_000 },
        },
      },
    );
    const chunks = await Array.fromAsync(
      await client.chat.completions.create({ ...body, stream: true }),
    );
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(text).toBe(`You said ${secret}`);
    expect(parts.records.all[0]).toMatchObject({
      error_type: null,
      attempts: [{ backend: "a", error_type: null }],
    });
  });

  it("that only watches holds back nothing of a stream", async () => {
    let release: (verdicts: readonly RemoteVerdict[]) => void = () => undefined;
    const { answer, parts } = await ask(
      () => new Promise((resolve) => (release = resolve)),
      { stage: "Output", action: "Observe" },
      true,
    );
    await vi.waitFor(() => release([{ filter: "g", matches: wholeOf("x") }]));
    const timer = setInterval(() => release([{ filter: "g", matches: wholeOf("x") }]), 5);
    expect(await answer).toBe(`You said ${secret}`);
    clearInterval(timer);
    expect(parts.records.safety).toMatchObject([{ action: "observe", stage: "output" }]);
  });
});
