import {
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  type ContentBlock,
  type ConverseCommandInput,
  type ConverseCommandOutput,
  type Message,
} from "@aws-sdk/client-bedrock-runtime";
import {
  InvokeEndpointCommand,
  InvokeEndpointWithResponseStreamCommand,
} from "@aws-sdk/client-sagemaker-runtime";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import { startCheckingProxy, type CheckingProxy } from "../../support/checking-proxy.ts";
import { pythonWithBoto3 } from "../../support/python.ts";
import { readServiceModel } from "../../support/service-model.ts";
import {
  awsClients,
  chatEndpoint,
  claude,
  drain,
  llama,
  nova,
  textOf,
  tgiEndpoint,
  userSays,
} from "./aws-clients.ts";

let simulator: Simulator;
let proxy: CheckingProxy;
let clients: ReturnType<typeof awsClients>;

beforeAll(async () => {
  const python = await pythonWithBoto3();
  const models = {
    bedrock: await readServiceModel(python.serviceModels, "bedrock-runtime"),
    sagemaker: await readServiceModel(python.serviceModels, "sagemaker-runtime"),
  };
  simulator = await startSimulator({ speed: Infinity });
  proxy = await startCheckingProxy({ target: simulator.url, models });
  clients = awsClients(proxy.url, simulator.credentials);
});

afterEach(() => {
  expect(proxy.complaints).toEqual([]);
});

afterAll(async () => {
  expect(proxy.checked.get("ConverseStream frames")).toBeGreaterThan(20);
  await proxy.close();
  await simulator.close();
});

const converse = (input: ConverseCommandInput) => clients.bedrock.send(new ConverseCommand(input));

async function stream(input: ConverseCommandInput) {
  const answer = await clients.bedrock.send(new ConverseStreamCommand(input));
  return drain(answer.stream);
}

const blocksOf = (answer: ConverseCommandOutput): ContentBlock[] =>
  answer.output?.message?.content ?? [];

const weather = {
  toolSpec: {
    name: "get_weather",
    inputSchema: {
      json: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
};
const clock = {
  toolSpec: { name: "get_clock", inputSchema: { json: { type: "object", properties: {} } } },
};

test("whole and streamed, the same prompt gets the same answer", async () => {
  const input = { modelId: nova, messages: userSays("Explain how a sailing boat moves.") };
  const whole = await converse(input);
  const { events } = await stream(input);
  expect(textOf(events)).toBe(blocksOf(whole)[0]?.text);
  const [metadata] = events.flatMap((event) => event.metadata ?? []);
  expect(metadata?.usage).toEqual(whole.usage);
  expect(events.at(-2)?.messageStop?.stopReason).toBe("end_turn");
});

test("a limit cuts the answer at that many tokens", async () => {
  const answer = await converse({
    modelId: claude,
    messages: userSays("Write a long essay about rivers."),
    inferenceConfig: { maxTokens: 9 },
  });
  expect(answer.stopReason).toBe("max_tokens");
  expect(answer.usage?.outputTokens).toBe(9);
});

test("a stop sequence ends the text before it, and is told when asked for", async () => {
  const answer = await converse({
    modelId: claude,
    messages: userSays("Count from 1 to 9"),
    inferenceConfig: { stopSequences: ["9", ", 4"] },
    additionalModelResponseFieldPaths: ["/stop_sequence"],
  });
  expect(blocksOf(answer)).toEqual([{ text: "1, 2, 3" }]);
  expect(answer.stopReason).toBe("stop_sequence");
  expect(answer.additionalModelResponseFields).toEqual({ stop_sequence: ", 4" });
});

test("two tools are called in parallel unless that is switched off", async () => {
  const input: ConverseCommandInput = {
    modelId: claude,
    messages: userSays("What do the weather in Rome and the clock say?"),
    toolConfig: { tools: [weather, clock] },
  };
  const { events } = await stream(input);
  const starts = events.flatMap((event) => event.contentBlockStart ?? []);
  expect(starts.map((start) => [start.contentBlockIndex, start.start?.toolUse?.name])).toEqual([
    [1, "get_weather"],
    [2, "get_clock"],
  ]);
  const alone = await converse({
    ...input,
    additionalModelRequestFields: {
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    },
  });
  expect(blocksOf(alone).filter((block) => block.toolUse)).toHaveLength(1);
  expect(alone.stopReason).toBe("tool_use");
});

test("thinking is signed, comes back unchanged, and is refused when changed", async () => {
  const thinking: ConverseCommandInput = {
    modelId: claude,
    messages: userSays("What is the weather in Bern?"),
    toolConfig: { tools: [weather] },
    additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 1024 } },
  };
  const first = await converse(thinking);
  const content = blocksOf(first);
  const [signed] = content.flatMap((block) => block.reasoningContent?.reasoningText ?? []);
  const [use] = content.flatMap((block) => block.toolUse ?? []);
  expect(signed?.signature).toMatch(/^[A-Za-z0-9+/]+=*$/);
  const replay = (assistant: ContentBlock[]): ConverseCommandInput => {
    const result = { toolResult: { toolUseId: use?.toolUseId ?? "", content: [{ text: "rain" }] } };
    const turns: Message[] = [
      { role: "assistant", content: assistant },
      { role: "user", content: [result] },
    ];
    return { ...thinking, messages: [...userSays("What is the weather in Bern?"), ...turns] };
  };
  const second = await converse(replay(content));
  expect(blocksOf(second).at(-1)?.text).toBe("According to the tool: rain");
  const reasoningText = { text: `${signed?.text}!`, signature: signed?.signature };
  const changed = [{ reasoningContent: { reasoningText } }, ...content.slice(1)];
  await expect(converse(replay(changed))).rejects.toThrow(
    "messages.1.content.0: Invalid `signature` in `thinking` block",
  );
  await expect(converse(replay(content.slice(1)))).rejects.toThrow(
    "must start with a thinking block",
  );
});

test("a schema gets JSON that conforms to it, with the answer where it has a place", async () => {
  const schema = {
    type: "object",
    properties: { answer: { type: "integer" }, unit: { type: "string", enum: ["m", "km"] } },
    required: ["answer", "unit"],
  };
  const answer = await converse({
    modelId: claude,
    messages: userSays("What is 12 * 12?"),
    outputConfig: {
      textFormat: {
        type: "json_schema",
        structure: { jsonSchema: { schema: JSON.stringify(schema) } },
      },
    },
  });
  const parsed = JSON.parse(blocksOf(answer)[0]?.text ?? "") as Record<string, unknown>;
  expect(parsed["answer"]).toBe(144);
  expect(["m", "km"]).toContain(parsed["unit"]);
});

test("a document is acknowledged by name, format and size", async () => {
  const document = {
    name: "Report 1",
    format: "pdf" as const,
    source: { bytes: new Uint8Array(64) },
  };
  const answer = await converse({
    modelId: claude,
    messages: [{ role: "user", content: [{ text: "Sum it up." }, { document }] }],
  });
  expect(blocksOf(answer)[0]?.text).toContain('I see the document "Report 1" (pdf, 64 bytes).');
});

test("a prefix before a cache point is written once and read from then on", async () => {
  const system = [
    { text: "Rules of the house. ".repeat(300) },
    { cachePoint: { type: "default" as const, ttl: "1h" as const } },
  ];
  const ask = (text: string) => converse({ modelId: claude, system, messages: userSays(text) });
  const first = await ask("Repeat: one");
  const second = await ask("Repeat: two");
  const written = first.usage?.cacheWriteInputTokens ?? 0;
  expect(written).toBeGreaterThan(1024);
  expect(first.usage).toMatchObject({
    cacheReadInputTokens: 0,
    cacheDetails: [{ ttl: "1h", inputTokens: written }],
  });
  expect(second.usage).toMatchObject({ cacheReadInputTokens: written, cacheWriteInputTokens: 0 });
  const { inputTokens = 0, outputTokens = 0, totalTokens } = second.usage ?? {};
  expect(totalTokens).toBe(inputTokens + outputTokens + written);
});

test("a guardrail blocks its word, and says so in the trace when asked", async () => {
  const guardrailConfig = {
    guardrailIdentifier: "abc123",
    guardrailVersion: "1",
    trace: "enabled" as const,
  };
  const { events } = await stream({
    modelId: nova,
    messages: userSays("Tell me the forbidden thing"),
    guardrailConfig,
  });
  expect(events.at(-2)?.messageStop?.stopReason).toBe("guardrail_intervened");
  expect(events.at(-1)?.metadata?.trace?.guardrail?.inputAssessment).toHaveProperty("abc123");
});

test("an input that does not fit the window is refused, one that just does is cut at its end", async () => {
  const words = (count: number) => userSays(`Count from 1 to 90. ${"a ".repeat(count)}`);
  const ask = (count: number) => converse({ modelId: llama, messages: words(count) });
  await expect(ask(128_000)).rejects.toThrow("Input is too long for requested model.");
  const cut = await ask(127_980);
  expect(cut.stopReason).toBe("model_context_window_exceeded");
  expect(cut.usage?.totalTokens).toBe(128_000);
});

test("request metadata and tiers travel and are written down", async () => {
  const answer = await converse({
    modelId: nova,
    messages: userSays("Repeat: yes"),
    requestMetadata: { tenant: "acme" },
    serviceTier: { type: "flex" },
    performanceConfig: { latency: "optimized" },
  });
  expect(answer).toMatchObject({
    serviceTier: { type: "flex" },
    performanceConfig: { latency: "optimized" },
  });
  expect(simulator.calls().at(-1)).toMatchObject({
    requestMetadata: { tenant: "acme" },
    model: nova,
    status: 200,
  });
});

test("embedding models answer InvokeModel with their own bodies", async () => {
  const invoke = async (modelId: string, body: object) => {
    const answer = await clients.bedrock.send(
      new InvokeModelCommand({ modelId, body: JSON.stringify(body) }),
    );
    return JSON.parse(Buffer.from(answer.body).toString()) as Record<string, never>;
  };
  const titan = await invoke("amazon.titan-embed-text-v2:0", {
    inputText: "tide",
    dimensions: 512,
    embeddingTypes: ["float", "binary"],
  });
  expect(titan["embedding"]).toHaveLength(512);
  expect(titan["embeddingsByType"]).toHaveProperty("binary.511");
  const cohere = await invoke("cohere.embed-english-v3", {
    texts: ["tide"],
    input_type: "search_document",
  });
  expect(cohere["response_type"]).toBe("embeddings_floats");
  await expect(invoke("cohere.embed-english-v3", { texts: ["tide"] })).rejects.toThrow(
    "required key [input_type] not found",
  );
});

test("an endpoint's stream is the container's bytes, cut anywhere", async () => {
  const ask = async (name: string, body: object) => {
    const command = new InvokeEndpointWithResponseStreamCommand({
      EndpointName: name,
      ContentType: "application/json",
      Body: JSON.stringify(body),
    });
    const answer = await clients.sagemaker.send(command);
    const { events } = await drain(answer.Body);
    return { answer, parts: events.map((event) => Buffer.from(event.PayloadPart?.Bytes ?? [])) };
  };
  const words = "naïve — 👍 ".repeat(60);
  const messages = [{ role: "user", content: `Repeat: ${words}` }];
  const chat = await ask(chatEndpoint, {
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(chat.answer).toMatchObject({
    InvokedProductionVariant: "AllTraffic",
    ContentType: "text/event-stream",
  });
  const whole = Buffer.concat(chat.parts).toString();
  expect(whole.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(whole).toContain('"completion_tokens":');
  // A part that is not valid UTF-8 by itself was cut inside a character.
  expect(chat.parts.some((part) => part.toString().includes("\ufffd"))).toBe(true);
  expect(whole).not.toContain("\ufffd");
  const tgi = await ask(tgiEndpoint, {
    inputs: "Count from 1 to 9",
    stream: true,
    parameters: { stop: [", 5"] },
  });
  const last = Buffer.concat(tgi.parts).toString().trim().split("\n\n").at(-1) ?? "";
  expect(JSON.parse(last.slice("data:".length))).toMatchObject({
    generated_text: "1, 2, 3, 4, 5",
    details: { finish_reason: "stop_sequence" },
  });
});

test("what a container refuses comes as a ModelError with its own status", async () => {
  const command = new InvokeEndpointCommand({
    EndpointName: chatEndpoint,
    Body: JSON.stringify({ messages: [] }),
  });
  await expect(clients.sagemaker.send(command)).rejects.toMatchObject({
    name: "ModelError",
    OriginalStatusCode: 400,
  });
});

test("an answer takes the time that the model says it took, divided by the speed", async () => {
  const quick = await startSimulator({ speed: 20 });
  const { bedrock } = awsClients(quick.url, quick.credentials);
  const startedAt = performance.now();
  const answer = await bedrock.send(
    new ConverseCommand({ modelId: nova, messages: userSays("Count from 1 to 30") }),
  );
  const elapsed = performance.now() - startedAt;
  const latencyMs = answer.metrics?.latencyMs ?? 0;
  expect(latencyMs).toBeGreaterThan(300);
  expect(elapsed).toBeGreaterThan(latencyMs / 20 - 2);
  await quick.close();
});
