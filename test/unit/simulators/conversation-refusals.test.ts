import { describe, expect, test } from "vitest";

import { AwsError } from "../../../src/simulators/aws-error.ts";
import { readConverse } from "../../../src/simulators/bedrock/converse.ts";
import { converseRequest } from "../../../src/simulators/bedrock/converse-shapes.ts";
import { findModel, simulatedModels } from "../../../src/simulators/index.ts";

const models = {
  claude: "anthropic.claude-sonnet-4-20250514-v1:0",
  haiku: "anthropic.claude-3-5-haiku-20241022-v1:0",
  nova: "amazon.nova-pro-v1:0",
  llama: "meta.llama3-1-8b-instruct-v1:0",
  titan: "amazon.titan-embed-text-v2:0",
};

/** The words of the refusal, or "accepted". */
function outcome(body: unknown, model: keyof typeof models = "claude"): string {
  const found = findModel(simulatedModels, "bedrock", models[model]);
  if (found === undefined) throw new Error(`No model ${model}`);
  try {
    readConverse(Buffer.from(JSON.stringify(body)), found, converseRequest, 1);
    return "accepted";
  } catch (error) {
    if (error instanceof AwsError) return `${error.shape}: ${error.message}`;
    throw error;
  }
}

const user = (...content: unknown[]) => ({ role: "user", content });
const assistant = (...content: unknown[]) => ({ role: "assistant", content });
const hi = { text: "hi" };
const asked = { messages: [user(hi)] };
const use = (toolUseId: string, input: unknown = {}) => ({
  toolUse: { toolUseId, name: "f", input },
});
const result = (toolUseId: string, text = "ok") => ({
  toolResult: { toolUseId, content: [{ text }] },
});
const tool = (name = "f", json: unknown = { type: "object" }) => ({
  toolSpec: { name, inputSchema: { json } },
});
const toolConfig = { tools: [tool()] };
const image = { image: { format: "png", source: { bytes: "AAAA" } } };
const document = (name: string) => ({
  document: { format: "txt", name, source: { bytes: "AAAA" } },
});
const reasoning = { reasoningContent: { reasoningText: { text: "x", signature: "forged" } } };
const thinking = (more: object = {}) => ({
  ...asked,
  ...more,
  additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2000 } },
});

describe("what every model refuses", () => {
  const cases: [what: string, body: unknown, words: string][] = [
    ["no messages", {}, "A conversation must start with a user message."],
    [
      "an assistant first",
      { messages: [assistant(hi)] },
      "A conversation must start with a user message.",
    ],
    [
      "two users in a row",
      { messages: [user(hi), user(hi)] },
      "A conversation must alternate between user and assistant roles.",
    ],
    [
      "a system turn",
      { messages: [user(hi), { role: "system", content: [hi] }] },
      "doesn't support the system role in messages",
    ],
    [
      "no content",
      { messages: [user()] },
      "The content field in the Message object at messages.0 is empty.",
    ],
    [
      "blank text",
      { messages: [user(hi, { text: " \n" })] },
      "The text field in the ContentBlock object at messages.0.content.1 is blank.",
    ],
    [
      "blank system text",
      { ...asked, system: [{ text: " " }] },
      "The text field in the SystemContentBlock object at system.0 is blank.",
    ],
    [
      "empty system text",
      { ...asked, system: [{ text: "" }] },
      "at 'system.1.member.text' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      "an unknown block",
      { messages: [user({ poem: 1 })] },
      "The ContentBlock object at messages.0.content.0 must set one of the following keys: text, image,",
    ],
    [
      "two blocks in one",
      { messages: [user({ ...hi, ...image })] },
      "The ContentBlock object at messages.0.content.0 must set one",
    ],
    [
      "an unknown member",
      { ...asked, model: "x" },
      "Malformed input request: #: extraneous key [model] is not permitted",
    ],
    [
      "an unknown member within",
      { messages: [{ ...user(hi), name: "x" }] },
      "#/messages/0: extraneous key [name] is not permitted",
    ],
    [
      "an unknown role",
      { messages: [{ role: "tool", content: [hi] }] },
      "1 validation error detected: Value 'tool' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant, system]",
    ],
    [
      "a wrong type",
      { messages: [user({ text: 7 })] },
      "SerializationException: NUMBER_VALUE can not be converted to a String at 'messages.1.member.content.1.member.text'",
    ],
    [
      "bytes that are no base64",
      { messages: [user({ image: { format: "png", source: { bytes: "a b!" } } })] },
      "SerializationException: Unable to decode the base64",
    ],
    [
      "a tool use of the user",
      { messages: [user(use("t"))], toolConfig },
      "The toolUse content block at messages.0.content.0 isn't allowed in a message of the user role.",
    ],
    [
      "a picture of the assistant",
      { messages: [user(hi), assistant(image)] },
      "The image content block at messages.1.content.0 isn't allowed",
    ],
    [
      "no tools with a tool's history",
      { messages: [user(hi), assistant(use("t")), user(result("t"))] },
      "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    ],
    [
      "no result",
      { messages: [user(hi), assistant(use("t")), user(hi)], toolConfig },
      "Expected toolResult blocks at messages.2.content for the following Ids: t",
    ],
    [
      "half the results",
      { messages: [user(hi), assistant(use("t"), use("u")), user(result("u"))], toolConfig },
      "for the following Ids: t",
    ],
    [
      "results of nothing",
      { messages: [user(hi), assistant(hi), user(result("t"))], toolConfig },
      "The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks of previous turn.",
    ],
    [
      "a result twice",
      {
        messages: [
          user(hi),
          assistant(use("t"), use("u")),
          user(result("t"), result("t"), result("u")),
        ],
        toolConfig,
      },
      "exceeds the number of toolUse blocks",
    ],
    [
      "an id used twice",
      { messages: [user(hi), assistant(use("t"), use("t")), user(result("t"))], toolConfig },
      "The toolUse blocks at messages.1.content contain duplicate Ids",
    ],
    [
      "an id with a space",
      { messages: [user(hi), assistant(use("a b")), user(result("a b"))], toolConfig },
      "Member must satisfy regular expression pattern: [a-zA-Z0-9_.:-]+",
    ],
    [
      "a long id",
      { messages: [user(hi), assistant(use("t".repeat(65))), user(hi)], toolConfig },
      "Member must have length less than or equal to 64",
    ],
    [
      "an input that is no object",
      { messages: [user(hi), assistant(use("t", "{}")), user(result("t"))], toolConfig },
      "The format of the value at messages.1.content.0.toolUse.input is invalid.",
    ],
    [
      "a tool's bad name",
      { ...asked, toolConfig: { tools: [tool("a.b")] } },
      "at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+",
    ],
    [
      "a tool's name twice",
      { ...asked, toolConfig: { tools: [tool(), tool()] } },
      "The tool names at toolConfig.tools must be unique.",
    ],
    [
      "a tool's schema without object",
      { ...asked, toolConfig: { tools: [tool("f", {})] } },
      "The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object.",
    ],
    [
      "a choice of no tool",
      { ...asked, toolConfig: { ...toolConfig, toolChoice: { tool: { name: "g" } } } },
      "must be one of the tools in toolConfig.tools: g",
    ],
    [
      "no tools at all",
      { ...asked, toolConfig: { tools: [] } },
      "at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      "a document's bad name",
      { messages: [user(hi, document("a.txt"))] },
      "The document file name can only contain alphanumeric characters",
    ],
    [
      "a document's name twice",
      { messages: [user(hi, document("a"), document("a"))] },
      "documents with duplicate names",
    ],
    [
      "a document without text",
      { messages: [user(document("a"))] },
      "includes a document block but no text block",
    ],
    [
      "no tokens",
      { ...asked, inferenceConfig: { maxTokens: 0 } },
      "Value '0' at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      "too hot",
      { ...asked, inferenceConfig: { temperature: 1.5 } },
      "at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or equal to 1",
    ],
    [
      "an empty stop sequence",
      { ...asked, inferenceConfig: { stopSequences: [""] } },
      "at 'inferenceConfig.stopSequences.1.member'",
    ],
    [
      "two faults at once",
      { ...asked, inferenceConfig: { maxTokens: 0, topP: 2 } },
      "2 validation errors detected: ",
    ],
    [
      "seventeen metadata",
      {
        ...asked,
        requestMetadata: Object.fromEntries(
          Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"]),
        ),
      },
      "at 'requestMetadata' failed to satisfy constraint: Member must have length less than or equal to 16",
    ],
    [
      "metadata with a quote",
      { ...asked, requestMetadata: { a: "'" } },
      "at 'requestMetadata.a.member'",
    ],
    [
      "a schema that is no JSON",
      {
        ...asked,
        outputConfig: {
          textFormat: { type: "json_schema", structure: { jsonSchema: { schema: "{" } } },
        },
      },
      "is not valid JSON",
    ],
    [
      "five cache points",
      {
        messages: [
          user(hi, ...Array.from({ length: 5 }, () => ({ cachePoint: { type: "default" } }))),
        ],
      },
      "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ],
  ];

  test.each(cases)("%s", (_what, body, words) => {
    expect(outcome(body)).toContain(words);
  });
});

describe("what some models refuse and others take", () => {
  const fromModel = "The model returned the following errors: ";
  const cases: [
    what: string,
    body: unknown,
    refusing: keyof typeof models,
    words: string,
    taking: keyof typeof models,
  ][] = [
    [
      "pictures",
      { messages: [user(hi, image)] },
      "llama",
      "doesn't support the image content block",
      "nova",
    ],
    [
      "cache points",
      { messages: [user(hi, { cachePoint: { type: "default" } })] },
      "llama",
      "AccessDeniedException: You invoked an unsupported model or your request did not allow prompt caching.",
      "nova",
    ],
    [
      "a format",
      {
        ...asked,
        outputConfig: {
          textFormat: { type: "json_schema", structure: { jsonSchema: { schema: "{}" } } },
        },
      },
      "nova",
      "doesn't support the outputConfig.textFormat field",
      "haiku",
    ],
    [
      "9000 tokens",
      { ...asked, inferenceConfig: { maxTokens: 9000 } },
      "llama",
      "exceeds the model limit of 8192",
      "nova",
    ],
    [
      "a conversation that the assistant ends",
      { messages: [user(hi), assistant(hi)] },
      "nova",
      "A conversation must end with a user message.",
      "claude",
    ],
    [
      "a trailing space of the assistant",
      { messages: [user(hi), assistant({ text: "So " })] },
      "claude",
      `${fromModel}messages: final assistant content cannot end with trailing whitespace`,
      "claude",
    ],
    [
      "a blank stop sequence",
      { ...asked, inferenceConfig: { stopSequences: ["\n"] } },
      "claude",
      "each stop sequence must contain non-whitespace",
      "nova",
    ],
    [
      "text before a result",
      { messages: [user(hi), assistant(use("t")), user(hi, result("t"))], toolConfig },
      "claude",
      "`tool_use` ids were found without `tool_result` blocks immediately after",
      "nova",
    ],
    [
      "an empty result",
      { messages: [user(hi), assistant(use("t")), user(result("t", ""))], toolConfig },
      "claude",
      "messages.2.content.0.tool_result: text content blocks must be non-empty",
      "nova",
    ],
    [
      "top_k of Claude",
      { ...asked, additionalModelRequestFields: { top_k: 5 } },
      "nova",
      "#: extraneous key [top_k] is not permitted",
      "claude",
    ],
    [
      "topK of Nova",
      { ...asked, additionalModelRequestFields: { inferenceConfig: { topK: 5 } } },
      "claude",
      `${fromModel}inferenceConfig: Extra inputs are not permitted`,
      "nova",
    ],
    ["thinking", thinking(), "haiku", "thinking: Extra inputs are not permitted", "claude"],
    [
      "any conversation",
      asked,
      "titan",
      "This action doesn't support the model that you provided.",
      "claude",
    ],
  ];

  test.each(cases)("%s", (what, body, refusing, words, taking) => {
    expect(outcome(body, refusing)).toContain(words);
    if (refusing !== taking) expect(outcome(body, taking), what).toBe("accepted");
  });
});

describe("what thinking forbids", () => {
  const cases: [what: string, body: unknown, words: string][] = [
    [
      "a temperature",
      thinking({ inferenceConfig: { temperature: 0.5 } }),
      "`temperature` may only be set to 1 when thinking is enabled.",
    ],
    [
      "fewer tokens than the budget",
      thinking({ inferenceConfig: { maxTokens: 2000 } }),
      "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ],
    [
      "a low top_p",
      thinking({ inferenceConfig: { topP: 0.5 } }),
      "`top_p` must be greater than or equal to 0.95",
    ],
    [
      "a forced tool",
      thinking({ toolConfig: { ...toolConfig, toolChoice: { any: {} } } }),
      "Thinking may not be enabled when tool_choice forces tool use.",
    ],
    [
      "a small budget",
      {
        ...asked,
        additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 1023 } },
      },
      "Input should be greater than or equal to 1024",
    ],
    [
      "a forged signature",
      { messages: [user(hi), assistant(reasoning, hi), user(hi)] },
      "messages.1.content.0: Invalid `signature` in `thinking` block",
    ],
  ];

  test.each(cases)("%s", (_what, body, words) => {
    expect(outcome(body)).toContain(words);
  });
});
