import { afterAll, beforeAll, expect, test } from "vitest";

import { startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import { startCheckingProxy, type CheckingProxy } from "../../support/checking-proxy.ts";
import { pythonWithBoto3, runPython } from "../../support/python.ts";
import { readServiceModel } from "../../support/service-model.ts";

let simulator: Simulator;
let proxy: CheckingProxy;
/** What boto3-session.py printed, by the names it gives there. */
let seen: Record<string, unknown>;

beforeAll(async () => {
  const python = await pythonWithBoto3();
  const models = {
    bedrock: await readServiceModel(python.serviceModels, "bedrock-runtime"),
    sagemaker: await readServiceModel(python.serviceModels, "sagemaker-runtime"),
  };
  simulator = await startSimulator({ speed: Infinity });
  proxy = await startCheckingProxy({ target: simulator.url, models });
  const script = new URL("../../support/boto3-session.py", import.meta.url).pathname;
  const { accessKeyId, secretAccessKey } = simulator.credentials;
  seen = (await runPython(python, script, [
    proxy.url,
    accessKeyId,
    secretAccessKey,
  ])) as typeof seen;
});

afterAll(async () => {
  await proxy.close();
  await simulator.close();
});

test("every request and answer of the session fits botocore's service models", () => {
  expect(proxy.complaints).toEqual([]);
  expect(Object.fromEntries(proxy.checked)).toMatchObject({
    Converse: 7,
    ConverseStream: 2,
    InvokeModel: 2,
    CountTokens: 1,
    ApplyGuardrail: 7,
    InvokeEndpoint: 4,
    InvokeEndpointWithResponseStream: 2,
  });
  expect(proxy.checked.get("ConverseStream frames")).toBeGreaterThan(12);
});

test("questions are answered, by id, geography and ARN", () => {
  const message = { role: "assistant", content: [{ text: "The answer is 391." }] };
  expect(seen["answer"]).toMatchObject({ output: { message }, stopReason: "end_turn" });
  expect(seen["profile"]).toMatchObject({ output: { message } });
});

test("a stream carries its text whole, in order, with the usage last", () => {
  const events = seen["stream"] as Record<string, never>[];
  expect(
    events
      .map((event) => Object.keys(event)[0])
      .filter((name, index, all) => name !== all[index - 1]),
  ).toEqual(["messageStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"]);
  const deltas = events.flatMap(
    (event) =>
      (event as { contentBlockDelta?: { delta: { text: string } } }).contentBlockDelta ?? [],
  );
  expect(deltas.map(({ delta }) => delta.text).join("")).toBe("über alles — 👍 done");
});

test("a tool is called, and its result is quoted in the next turn", () => {
  const { first, input, second } = seen["tools"] as {
    first: string;
    input: unknown;
    second: { output: unknown };
  };
  expect(first).toBe("tool_use");
  expect(input).toEqual({ city: "Lisbon" });
  expect(JSON.stringify(second.output)).toContain('{\\"celsius\\":21}');
});

test("a streamed tool call comes as a start and pieces of its input", () => {
  const events = seen["toolStream"] as {
    contentBlockDelta?: { delta: { toolUse: { input: string } } };
  }[];
  const input = events.map((event) => event.contentBlockDelta?.delta.toolUse.input ?? "").join("");
  expect(JSON.parse(input)).toEqual({ city: "Oslo" });
});

test("an image is acknowledged with its format and size", () => {
  expect(JSON.stringify(seen["image"])).toContain("I see the image (png, 100 bytes).");
});

test("embeddings have the dimensions and forms that were asked for", () => {
  const titan = seen["titan"] as { embedding: number[]; inputTextTokenCount: number };
  expect(titan.embedding).toHaveLength(256);
  expect(titan.inputTextTokenCount).toBe(2);
  const cohere = seen["cohere"] as { embeddings: { int8: number[][] } };
  expect(cohere.embeddings.int8.map((vector) => vector.length)).toEqual([1024, 1024]);
});

test("tokens are counted as the answer's usage counts them", () => {
  const { usage } = seen["answer"] as { usage: { inputTokens: number } };
  expect(seen["count"]).toBe(usage.inputTokens);
});

test("endpoints answer whole and streamed, in both schemas", () => {
  const counted = "1, 2, 3, 4, 5";
  expect(seen["chat"]).toMatchObject({
    body: { choices: [{ message: { content: counted } }] },
    variant: "blue",
    attributes: "trace=1",
  });
  const deltas = [...String(seen["chatStream"]).matchAll(/^data: (\{.*\})$/gm)].map(
    ([, json = ""]) => JSON.parse(json) as { choices: { delta: { content?: string } }[] },
  );
  expect(deltas.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(counted);
  expect(seen["tgi"]).toMatchObject({ body: [{ generated_text: counted }], variant: "AllTraffic" });
  expect(String(seen["tgiStream"])).toContain(`"generated_text":"${counted}"`);
});

test("a guardrail lets pass, masks or blocks, and tells each policy's part in it", () => {
  expect(seen["guardPassed"]).toMatchObject({ action: "NONE", outputs: [] });
  expect(seen["guardMasked"]).toMatchObject({
    action: "GUARDRAIL_INTERVENED",
    outputs: [{ text: "Mail {EMAIL} about {ticket}" }],
    assessments: [
      {
        sensitiveInformationPolicy: {
          piiEntities: [{ type: "EMAIL", match: "jane@example.com", action: "ANONYMIZED" }],
          regexes: [{ name: "ticket", action: "ANONYMIZED" }],
        },
      },
    ],
    usage: { contentPolicyUnits: 1 },
  });
  expect(seen["guardBlocked"]).toMatchObject({
    action: "GUARDRAIL_INTERVENED",
    outputs: [{ text: expect.stringContaining("cannot answer") }],
    assessments: [
      {
        topicPolicy: { topics: [{ name: "Investment advice", action: "BLOCKED" }] },
        contentPolicy: { filters: [{ type: "PROMPT_ATTACK", action: "BLOCKED" }] },
        wordPolicy: { managedWordLists: [{ type: "PROFANITY", action: "BLOCKED" }] },
        sensitiveInformationPolicy: {
          piiEntities: [{ type: "US_SOCIAL_SECURITY_NUMBER", action: "BLOCKED" }],
        },
      },
    ],
  });
  expect(seen["guardGrounded"]).toMatchObject({
    action: "GUARDRAIL_INTERVENED",
    assessments: [
      { contextualGroundingPolicy: { filters: [{ type: "GROUNDING", action: "BLOCKED" }, {}] } },
    ],
    usage: { contextualGroundingPolicyUnits: 1 },
  });
});

test("a guardrail refuses what AWS refuses", () => {
  expect(seen["guardTooLong"]).toMatchObject({ code: "ThrottlingException", status: 429 });
  expect(seen["guardMissing"]).toMatchObject({ code: "ResourceNotFoundException", status: 404 });
  expect(seen["guardNothing"]).toMatchObject({ code: "ValidationException", status: 400 });
});

test("errors have the codes and statuses that boto3 reads", () => {
  expect(seen["unknownModel"]).toMatchObject({
    code: "ValidationException",
    message: "The provided model identifier is invalid.",
    status: 400,
  });
  expect(seen["unknownEndpoint"]).toMatchObject({ code: "ValidationError", status: 400 });
  expect(seen["refusedByContainer"]).toMatchObject({
    code: "ModelError",
    status: 424,
    original: 422,
  });
  expect(seen["invalid"]).toMatchObject({ code: "ValidationException" });
});
