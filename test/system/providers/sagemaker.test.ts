import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { collectFrames, parseChatRequest, type Frame } from "../../../src/openai/index.ts";
import {
  makeSageMaker,
  type ChatCall,
  type OpenChat,
  type Provider,
} from "../../../src/providers/index.ts";
import { startSimulator, type Fault, type Simulator } from "../../../src/simulators/index.ts";
import type { BackendEntry, SageMakerTarget } from "../../../src/table/index.ts";

const chatEndpoint = "llama-3-1-8b-chat";
const tgiEndpoint = "mistral-7b-tgi";
const payloads = [
  [chatEndpoint, "OpenAIChat"],
  [tgiEndpoint, "HuggingFaceTGI"],
] as const;

let simulator: Simulator;
let provider: Provider;

beforeAll(async () => {
  simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  provider = makeSageMaker({
    reach: (backend) => ({
      endpoint: backend.target.endpoint ?? simulator.url,
      credentials: async () => simulator.credentials,
    }),
  });
});

afterEach(() => simulator.faults.clear());

afterAll(async () => {
  await provider.close();
  await simulator.close();
});

function backendOf(endpointName: string, more: Partial<SageMakerTarget> = {}): BackendEntry {
  const payload = endpointName === tgiEndpoint ? "HuggingFaceTGI" : "OpenAIChat";
  return {
    name: endpointName,
    target: { type: "SageMaker", endpointName, region: "eu-central-1", payload, ...more },
    credentials: { type: "Ambient" },
    prices: {},
    tier: "Small",
    expectations: { firstTokenP95Ms: 500, tokensPerSecond: 50 },
    capabilities: ["Streaming"],
    contextWindow: 32_768,
    maxOutputTokens: 4_096,
    dataClasses: [],
    processingRegions: null,
    timeouts: { connectMs: 1_000, firstTokenMs: 5_000, idleMs: 5_000, totalMs: 20_000 },
  };
}

interface Asked {
  endpoint?: string;
  target?: Partial<SageMakerTarget>;
  signal?: AbortSignal;
  body?: object;
}

function ask({ endpoint = chatEndpoint, target = {}, signal, body = {} }: Asked = {}): ChatCall {
  const messages = [{ role: "user", content: "What is 6 times 7?" }];
  const parsed = parseChatRequest({ model: "m", messages, ...body });
  if (!parsed.ok) throw parsed.error;
  return {
    backend: backendOf(endpoint, target),
    request: parsed.value,
    metadata: { route: "test", request: "r-1" },
    signal: signal ?? AbortSignal.timeout(20_000),
  };
}

/** A stream that fails with its first event may fail while it is being opened. */
async function drain(opening: Promise<OpenChat>): Promise<{ given: Frame[]; failure: unknown }> {
  const given: Frame[] = [];
  try {
    const { frames } = await opening;
    for await (const frame of frames) given.push(frame);
    return { given, failure: undefined };
  } catch (failure) {
    return { given, failure };
  }
}

const order = (fault: Omit<Fault, "model">): void =>
  void simulator.faults.set({ model: "*", ...fault });
const lastCall = () => simulator.calls().at(-1);

describe.each(payloads)("the endpoint %s, whose payload is %s,", (endpoint) => {
  it("gives one answer, whole or streamed", async () => {
    const body = { temperature: 0, seed: 1, max_tokens: 200 };
    const { reply, facts } = await provider.chat(ask({ endpoint, body }));
    expect(reply.text).not.toBe("");
    expect(reply.finishReason).toBe("stop");
    expect(reply.usage?.input).toBeGreaterThan(0);
    expect(reply.usage?.output).toBeGreaterThan(0);
    expect(facts).toEqual({ requestId: lastCall()?.requestId, model: "AllTraffic" });
    const opening = provider.streamChat(ask({ endpoint, body }));
    const { given, failure } = await drain(opening);
    expect(failure).toBeUndefined();
    expect(given.filter(({ type }) => type === "text").length).toBeGreaterThan(1);
    expect(await collectFrames(given)).toMatchObject({ finishReason: "stop" });
    expect((await opening).facts).toEqual({
      requestId: lastCall()?.requestId,
      model: "AllTraffic",
    });
    expect(lastCall()).toMatchObject({ aborted: false, finished: true });
  });

  it("ends at the length asked for", async () => {
    const { reply } = await provider.chat(ask({ endpoint, body: { max_tokens: 2 } }));
    expect(reply.finishReason).toBe("length");
    const { given } = await drain(provider.streamChat(ask({ endpoint, body: { max_tokens: 2 } })));
    expect(given.find(({ type }) => type === "finish")).toEqual({
      type: "finish",
      reason: "length",
    });
  });

  it("is told of too long a conversation", async () => {
    const messages = [{ role: "user", content: "word ".repeat(60_000) }];
    await expect(provider.chat(ask({ endpoint, body: { messages } }))).rejects.toMatchObject({
      code: "context_overflow",
      details: { upstreamName: "ModelError", upstreamStatus: 424 },
    });
  });

  it.each<[string, Omit<Fault, "model">, string]>([
    ["throttling", { kind: "throttling", retryAfterSeconds: 7 }, "throttled"],
    ["an internal failure", { kind: "internal-error" }, "internal"],
    ["an outage", { kind: "service-unavailable" }, "unavailable"],
    ["a failed container", { kind: "model-error", originalStatusCode: 500 }, "model_error"],
    [
      "a container that refuses",
      { kind: "model-error", originalStatusCode: 422, message: "no" },
      "model_refused",
    ],
    [
      "a container that is throttled",
      { kind: "model-error", originalStatusCode: 429 },
      "throttled",
    ],
    ["a model that is being loaded", { kind: "model-not-ready" }, "model_not_ready"],
    ["a container that takes too long", { kind: "model-timeout" }, "timeout"],
    ["refused credentials", { kind: "access-denied" }, "access_denied"],
    ["an unknown endpoint", { kind: "resource-not-found" }, "model_not_found"],
    ["an invalid request", { kind: "validation-error" }, "invalid_request"],
    ["an empty success", { kind: "empty" }, "empty_reply"],
    ["an answer without content", { kind: "empty-content" }, "empty_reply"],
    ["an answer cut off", { kind: "cut" }, "connection_failed"],
  ])("meets %s, and says so", async (_, fault, code) => {
    order(fault);
    const failure: unknown = await provider
      .chat(ask({ endpoint }))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "ProviderError", code });
    if (fault.retryAfterSeconds !== undefined) {
      expect(failure).toMatchObject({
        details: { retryAfterMs: 7_000, requestId: lastCall()?.requestId },
      });
    }
    expect(String((failure as Error).message)).not.toMatch(/arn:|https?:|123456789012/);
  });

  it.each<[string, Omit<Fault, "model">, string]>([
    ["cut", { kind: "cut" }, "stream_broken"],
    ["damaged", { kind: "bad-crc" }, "stream_broken"],
    ["ended without its last event", { kind: "clean-end" }, "stream_broken"],
    ["ended by an exception", { kind: "exception-frame", afterFrames: 3 }, "stream_broken"],
    ["ended by an unmodelled error", { kind: "error-frame", afterFrames: 3 }, "stream_broken"],
    [
      "ended by an exception before it begins",
      { kind: "exception-frame", afterFrames: 0 },
      "stream_broken",
    ],
    [
      "ended by an internal failure",
      { kind: "exception-frame", exception: "InternalStreamFailure", afterFrames: 3 },
      "stream_broken",
    ],
  ])("notices that a stream is %s", async (_, fault, code) => {
    order(fault);
    const { given, failure } = await drain(provider.streamChat(ask({ endpoint })));
    expect(failure).toMatchObject({ name: "ProviderError", code });
    expect(given.filter(({ type }) => type === "finish")).toEqual([]);
  });

  it("is not asked a second time: retries are the router's", async () => {
    order({ kind: "throttling" });
    const before = simulator.calls().length;
    await expect(provider.chat(ask({ endpoint }))).rejects.toMatchObject({ code: "throttled" });
    expect(simulator.calls().length - before).toBe(1);
  });

  it.each(["whole", "streamed"])(
    "is left when the caller aborts a %s answer that stalls",
    async (form) => {
      order({ kind: "stall", afterFrames: 2 });
      const caller = new AbortController();
      const reason = new Error("The client left");
      const call = ask({ endpoint, signal: caller.signal });
      const outcome =
        form === "whole"
          ? provider.chat(call)
          : provider.streamChat(call).then(leaveAfterOne(caller, reason));
      if (form === "whole") setTimeout(() => caller.abort(reason), 50);
      await expect(outcome).rejects.toBe(reason);
      await expect.poll(() => lastCall()).toMatchObject({ aborted: true, finished: true });
    },
  );

  it("is left when a reader stops early", async () => {
    order({ kind: "stall", afterFrames: 4 });
    const { frames } = await provider.streamChat(ask({ endpoint }));
    for await (const frame of frames) {
      expect(frame.type).toBe("text");
      break;
    }
    await expect.poll(() => lastCall()).toMatchObject({ aborted: true, finished: true });
  });
});

/** Reads on after the abort, which must end the wait. */
function leaveAfterOne(caller: AbortController, reason: Error) {
  return async (stream: OpenChat): Promise<void> => {
    let frames = 0;
    for await (const _ of stream.frames) {
      frames += 1;
      if (frames === 1) setTimeout(() => caller.abort(reason), 20);
    }
  };
}

describe("the OpenAI payload", () => {
  const tools = [
    {
      type: "function",
      function: {
        name: "get_weather",
        description: "The weather of a city",
        parameters: {
          type: "object",
          properties: { city: { type: "string" } },
          required: ["city"],
        },
      },
    },
  ];
  const question = { role: "user", content: "What is the weather in Berlin? Use get_weather." };

  it("calls tools over several turns, the same whole and streamed", async () => {
    const body = { messages: [question], tools, tool_choice: "required" };
    const { reply } = await provider.chat(ask({ body }));
    expect(reply).toMatchObject({
      finishReason: "tool_calls",
      toolCalls: [{ name: "get_weather" }],
    });
    const [called] = reply.toolCalls;
    expect(JSON.parse(called?.arguments ?? "")).toHaveProperty("city");
    const { given } = await drain(provider.streamChat(ask({ body })));
    const streamed = await collectFrames(given);
    expect(streamed.finishReason).toBe("tool_calls");
    expect(streamed.toolCalls.map(({ name }) => name)).toEqual(["get_weather"]);
    const messages = [
      question,
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: called?.id, type: "function", function: called }],
      },
      { role: "tool", tool_call_id: called?.id, content: "18 degrees and sunny" },
    ];
    const next = await provider.chat(ask({ body: { messages, tools } }));
    expect(next.reply).toMatchObject({ finishReason: "stop", toolCalls: [] });
    expect(next.reply.text).not.toBe("");
  });

  it("answers in JSON where a schema asks for it", async () => {
    const schema = {
      type: "object",
      properties: { answer: { type: "integer" } },
      required: ["answer"],
    };
    const { reply } = await provider.chat(
      ask({
        body: { response_format: { type: "json_schema", json_schema: { name: "a", schema } } },
      }),
    );
    expect(JSON.parse(reply.text)).toHaveProperty("answer");
  });

  it("sends the headers of its target and of the request", async () => {
    const target = { inferenceComponent: "part-1", targetVariant: "blue" };
    const { facts } = await provider.chat(ask({ target }));
    expect(facts.model).toBe("blue");
    expect(lastCall()?.amznHeaders).toMatchObject({
      "x-amzn-sagemaker-inference-component": "part-1",
      "x-amzn-sagemaker-target-variant": "blue",
      "x-amzn-sagemaker-custom-attributes": "route=test,request=r-1",
    });
  });
});

describe("what never reaches the endpoint", () => {
  it("is a failed connection when nobody listens", async () => {
    const call = ask({ target: { endpoint: "http://127.0.0.1:9" } });
    await expect(provider.chat(call)).rejects.toMatchObject({ code: "connection_failed" });
    await expect(provider.streamChat(call)).rejects.toMatchObject({ code: "connection_failed" });
  });

  it("is the abort's reason when the caller has left before", async () => {
    const reason = new Error("gone");
    const before = simulator.calls().length;
    await expect(provider.chat(ask({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(simulator.calls().length).toBe(before);
  });
});
