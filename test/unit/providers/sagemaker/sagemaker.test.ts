import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectFrames, type Frame } from "../../../../src/openai/index.ts";
import { ProviderError, type ChatCall } from "../../../../src/providers/index.ts";
import { overTransports } from "../../../../src/providers/sagemaker/sagemaker.ts";
import type {
  InvokeCall,
  SageMakerTransport,
} from "../../../../src/providers/sagemaker/transport.ts";
import { chatCall, sageMakerBackend } from "./backends.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const chunk = (told: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ delta: told, finish_reason }] })}\n\n`;
const hello = chunk({ content: "grüß" }) + chunk({ content: " 👋" }) + chunk({}, "stop");

interface Script {
  whole?: string;
  /** What the parts hold; an error among them is thrown there. */
  parts?: (Uint8Array | Error)[];
  contentType?: string;
}

/** The SDK's side, played by a script. */
function play(script: Script) {
  const seen = { calls: [] as InvokeCall[], closed: 0 };
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (const part of script.parts ?? []) {
      if (part instanceof Error) throw part;
      yield part;
    }
  }
  const transport: SageMakerTransport = {
    invoke: async (call) => {
      seen.calls.push(call);
      return { body: bytes(script.whole ?? ""), requestId: "r-1", variant: "blue" };
    },
    stream: async (call) => {
      seen.calls.push(call);
      const { contentType = "text/event-stream" } = script;
      return {
        parts: parts(),
        contentType,
        requestId: "r-1",
        variant: "blue",
        close: () => void (seen.closed += 1),
      };
    },
    close: () => {},
  };
  return { provider: overTransports({ Lean: () => transport, Sdk: () => transport }), seen };
}

async function readAll(script: Script, call: ChatCall = chatCall()) {
  const { provider, seen } = play(script);
  const { frames } = await provider.streamChat(call);
  const given: Frame[] = [];
  const failure = await (async () => {
    for await (const frame of frames) given.push(frame);
  })().then(
    () => undefined,
    (error: unknown) => error as ProviderError,
  );
  return { given, failure, seen };
}

/** Cuts bytes at the given places. */
function cut(all: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % all.length), all.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => all.subarray(ends[index - 1] ?? 0, end));
}

describe("a stream of SageMaker", () => {
  it("reads the same however PayloadParts cut it, as events or as JSON lines", async () => {
    const places = fc.array(fc.nat({ max: 500 }), { maxLength: 20 });
    const form = fc.constantFrom("text/event-stream", "application/jsonlines", "json events");
    await fc.assert(
      fc.asyncProperty(places, form, async (cuts, contentType) => {
        const text =
          contentType === "application/jsonlines"
            ? hello.replaceAll(/data: |\n(?=\n)/g, "")
            : `${hello}data: [DONE]\n\n`;
        const { given, failure } = await readAll({ parts: cut(bytes(text), cuts), contentType });
        expect(failure).toBeUndefined();
        expect(await collectFrames(given)).toEqual({
          text: "grüß 👋",
          reasoning: [],
          toolCalls: [],
          finishReason: "stop",
        });
      }),
    );
  });

  it.each<[string, Script, string, number]>([
    [
      "ends without a terminal frame",
      { parts: [bytes(chunk({ content: "half" }))] },
      "stream_broken",
      1,
    ],
    ["ends before it has begun", { parts: [] }, "stream_broken", 0],
    [
      "ends inside an event",
      { parts: [bytes(chunk({ content: "half" }) + 'data: {"choi')] },
      "stream_broken",
      1,
    ],
    [
      "is cut after its first frame",
      { parts: [bytes(hello), new ProviderError("connection_failed", "cut")] },
      "stream_broken",
      2,
    ],
    [
      "is cut before its first frame",
      { parts: [new ProviderError("timeout", "late")] },
      "timeout",
      0,
    ],
    ["begins with what is no JSON", { parts: [bytes("data: <html>\n\n")] }, "malformed_reply", 0],
    [
      "goes on with what is no JSON",
      { parts: [bytes(`${chunk({ content: "a" })}data: <html>\n\n`)] },
      "stream_broken",
      1,
    ],
    [
      "begins with a container's error",
      { parts: [bytes('data: {"error":{"message":"bad","code":400}}\n\n')] },
      "model_refused",
      0,
    ],
    [
      "says nothing",
      { parts: [bytes(chunk({ content: "" }) + chunk({}, "stop"))] },
      "empty_reply",
      0,
    ],
    [
      "is one endless event",
      { parts: Array<Uint8Array>(17).fill(bytes("x".repeat(1024 * 1024))) },
      "malformed_reply",
      0,
    ],
  ])("is a failure when it %s", async (_, script, code, frames) => {
    const { given, failure, seen } = await readAll(script);
    expect(failure).toMatchObject({ name: "ProviderError", code, details: { requestId: "r-1" } });
    expect(given).toHaveLength(frames);
    expect(seen.closed).toBe(1);
  });

  it("may be left, which closes it", async () => {
    const { provider, seen } = play({ parts: [bytes(hello)] });
    const { frames } = await provider.streamChat(chatCall());
    for await (const frame of frames) {
      expect(frame).toEqual({ type: "text", text: "grüß" });
      break;
    }
    expect(seen.closed).toBeGreaterThan(0);
  });

  it("throws the reason of an abort as it is", async () => {
    const reason = new Error("The client left");
    const { failure } = await readAll({ parts: [bytes(chunk({ content: "a" })), reason] });
    expect(failure).toBe(reason);
  });

  it("may say nothing where a stop sequence was asked for", async () => {
    const { given, failure } = await readAll(
      { parts: [bytes(chunk({}, "stop"))] },
      chatCall({ stop: "x" }),
    );
    expect([given, failure]).toEqual([[{ type: "finish", reason: "stop" }], undefined]);
  });
});

describe("a whole answer of SageMaker", () => {
  const whole = JSON.stringify({
    choices: [{ message: { content: "hi" }, finish_reason: "stop" }],
  });

  it("tells who answered", async () => {
    const { provider } = play({ whole });
    expect(await provider.chat(chatCall())).toEqual({
      reply: { text: "hi", reasoning: [], toolCalls: [], finishReason: "stop" },
      facts: { requestId: "r-1", model: "blue" },
    });
  });

  it.each([
    ["nothing", "", "empty_reply"],
    ["no JSON", "<html>", "malformed_reply"],
    ["another shape", "{}", "malformed_reply"],
    ["no words", '{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}', "empty_reply"],
    ["an error", '{"error":{"message":"x","code":500}}', "model_error"],
  ])("is a failure when it holds %s", async (_, text, code) => {
    const { provider } = play({ whole: text });
    await expect(provider.chat(chatCall())).rejects.toMatchObject({
      code,
      details: { requestId: "r-1" },
    });
  });

  it("says what it used where it holds no words", async () => {
    const { provider } = play({
      whole:
        '{"choices":[{"message":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}',
    });
    await expect(provider.chat(chatCall())).rejects.toMatchObject({
      details: { usage: { input: 7, output: 2 } },
    });
  });

  it("may be cut short before any word", async () => {
    const { provider } = play({
      whole: '{"choices":[{"message":{"content":null},"finish_reason":"length"}]}',
    });
    const { reply } = await provider.chat(chatCall());
    expect(reply).toMatchObject({ text: "", finishReason: "length" });
  });
});

describe("a call of SageMaker", () => {
  it("names the component, the variant and, in visible ASCII, what the request is", async () => {
    const { provider, seen } = play({ parts: [bytes(hello)] });
    const call = {
      ...chatCall({}, { inferenceComponent: "part", targetVariant: "blue" }),
      metadata: { route: "a b", tenant: "ö,=", long: "x".repeat(1_024), id: "1" },
    };
    await provider.streamChat(call);
    expect(seen.calls[0]?.invocation).toMatchObject({
      EndpointName: "my-endpoint",
      InferenceComponentName: "part",
      TargetVariant: "blue",
      CustomAttributes: "route=a%20b,tenant=%C3%B6%2C%3D,id=1",
      ContentType: "application/json",
      Accept: "text/event-stream",
    });
  });

  it("is not made with a body that SageMaker would not take", async () => {
    const { provider, seen } = play({});
    const messages = [{ role: "user", content: "ö".repeat(3_145_728) }];
    await expect(provider.chat(chatCall({ messages }))).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("6291456") as string,
    });
    expect(seen.calls).toEqual([]);
  });

  it("asks for embeddings only where the container speaks OpenAI", async () => {
    const { provider } = play({
      whole: '{"data":[{"index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":2}}',
    });
    const { metadata, signal } = chatCall();
    const call = {
      backend: sageMakerBackend(),
      request: { model: "m", input: ["a"] },
      metadata,
      signal,
    };
    expect(await provider.embed(call)).toMatchObject({
      vectors: [[0.5]],
      usage: { input: 2 },
      facts: { model: "blue" },
    });
    const backend = sageMakerBackend({ payload: "HuggingFaceTGI" });
    await expect(provider.embed({ ...call, backend })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });
});
