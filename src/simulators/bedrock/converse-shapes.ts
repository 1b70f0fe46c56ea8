import { guardrailIdentifier, guardrailText, guardrailVersion } from "./guardrail-shapes.ts";
import { list, matching, oneOf, structure, text, union, type Shape } from "./shape.ts";

// Written from the public API reference of Converse; a test compares what it refuses with the
// service model of botocore.

const document: Shape = { type: "document" };
const boolean: Shape = { type: "boolean" };
const bytes: Shape = { type: "blob", min: 1 };
const toolUseId = matching("[a-zA-Z0-9_.:-]+", { min: 1, max: 64 });
const toolName = matching("[a-zA-Z0-9_-]+", { min: 1, max: 64 });
const s3Location = structure({
  "uri!": matching("s3://[a-z0-9][\\.\\-a-z0-9]{1,61}[a-z0-9](/.*)?", { min: 1, max: 1024 }),
  bucketOwner: matching("[0-9]{12}"),
});
const cachePoint = structure({ "type!": oneOf("default"), ttl: oneOf("5m", "1h") });
const citationsConfig = structure({ "enabled!": boolean });
const errorBlock = structure({ message: text() });

const image = structure({
  "format!": oneOf("png", "jpeg", "gif", "webp"),
  "source!": union("ImageSource", { bytes, s3Location }),
  error: errorBlock,
});

const documentBlock = structure({
  format: oneOf("pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"),
  "name!": text({ min: 1, max: 200 }),
  "source!": union("DocumentSource", {
    bytes,
    s3Location,
    text: text(),
    content: list(union("DocumentContentBlock", { text: text() })),
  }),
  context: text(),
  citations: citationsConfig,
});

const video = structure({
  "format!": oneOf("mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"),
  "source!": union("VideoSource", { bytes, s3Location }),
});

const audio = structure({
  "format!": oneOf(
    "mp3",
    "opus",
    "wav",
    "aac",
    "flac",
    "mp4",
    "ogg",
    "mkv",
    "mka",
    "x-aac",
    "m4a",
    "mpeg",
    "mpga",
    "pcm",
    "webm",
  ),
  "source!": union("AudioSource", { bytes, s3Location }),
  error: errorBlock,
});

const searchResult = structure({
  "source!": text(),
  "title!": text(),
  "content!": list(structure({ "text!": text() })),
  citations: citationsConfig,
});

const guardContent = union("GuardrailConverseContentBlock", {
  text: guardrailText,
  image: structure({
    "format!": oneOf("png", "jpeg"),
    "source!": union("GuardrailConverseImageSource", { bytes }),
  }),
});

const toolResult = structure({
  "toolUseId!": toolUseId,
  "content!": list(
    union("ToolResultContentBlock", {
      json: document,
      text: text(),
      image,
      document: documentBlock,
      video,
      searchResult,
    }),
  ),
  status: oneOf("success", "error"),
  type: text(),
});

const reasoning = union("ReasoningContentBlock", {
  reasoningText: structure({ "text!": text(), signature: text() }),
  redactedContent: { type: "blob" },
});

const toolReference = structure({
  type: text({ min: 1, max: 64 }),
  name: text({ min: 1, max: 128 }),
  serverName: text({ min: 1, max: 128 }),
});

const index: Shape = { type: "integer", min: 0 };

const spanOf = (indexName: string): Shape =>
  structure({ [indexName]: index, start: index, end: index });

const citations = structure({
  content: list(union("CitationGeneratedContent", { text: text() })),
  citations: list(
    structure({
      title: text(),
      source: text(),
      sourceContent: list(union("CitationSourceContent", { text: text() })),
      location: union("CitationLocation", {
        web: structure({ url: text(), domain: text() }),
        documentChar: spanOf("documentIndex"),
        documentPage: spanOf("documentIndex"),
        documentChunk: spanOf("documentIndex"),
        searchResultLocation: spanOf("searchResultIndex"),
      }),
    }),
  ),
});

const content = union("ContentBlock", {
  text: text(),
  image,
  document: documentBlock,
  video,
  audio,
  toolUse: structure({
    "toolUseId!": toolUseId,
    "name!": toolName,
    "input!": document,
    type: oneOf("server_tool_use"),
  }),
  toolResult,
  guardContent,
  cachePoint,
  reasoningContent: reasoning,
  citationsContent: citations,
  searchResult,
  toolAddition: structure({ "tool!": toolReference }),
  toolRemoval: structure({ "tool!": toolReference }),
});

const messages = list(
  structure({ "role!": oneOf("user", "assistant", "system"), "content!": list(content) }),
);

const system = list(
  union("SystemContentBlock", { text: text({ min: 1 }), guardContent, cachePoint }),
);

const toolConfig = structure({
  "tools!": list(
    union("Tool", {
      toolSpec: structure({
        "name!": toolName,
        description: text({ min: 1 }),
        "inputSchema!": union("ToolInputSchema", { json: document }),
        strict: boolean,
      }),
      systemTool: structure({ "name!": toolName }),
      cachePoint,
    }),
    { min: 1 },
  ),
  toolChoice: union("ToolChoice", {
    auto: structure({}),
    any: structure({}),
    tool: structure({ "name!": toolName }),
  }),
});

const inferenceConfig = structure({
  maxTokens: { type: "integer", min: 1 },
  temperature: { type: "float", min: 0, max: 1 },
  topP: { type: "float", min: 0, max: 1 },
  stopSequences: list(text({ min: 1 }), { min: 0, max: 2500 }),
});

const guardrail = {
  guardrailIdentifier,
  guardrailVersion,
  trace: oneOf("enabled", "disabled", "enabled_full"),
};

const metadataText = "[a-zA-Z0-9\\s:_@$#=/+,-.]";

const common = {
  messages,
  system,
  inferenceConfig,
  toolConfig,
  projectIdentifier: matching(
    "([a-zA-Z0-9_-]+|arn:aws(|-us-gov|-cn|-iso|-iso-b|-iso-f|-eusc):bedrock:[0-9a-z-]{1,20}:[0-9]{12}:project/[a-zA-Z0-9_-]+)",
    { min: 1, max: 2048 },
  ),
  additionalModelRequestFields: document,
  promptVariables: {
    type: "map",
    key: text(),
    value: union("PromptVariableValues", { text: text() }),
  } satisfies Shape,
  additionalModelResponseFieldPaths: list(text({ min: 1, max: 256 }), { min: 0, max: 10 }),
  requestMetadata: {
    type: "map",
    key: matching(`${metadataText}{1,256}`, { min: 1, max: 256 }),
    value: matching(`${metadataText}{0,256}`, { min: 0, max: 256 }),
    min: 1,
    max: 16,
  } satisfies Shape,
  performanceConfig: structure({ latency: oneOf("standard", "optimized") }),
  serviceTier: structure({ "type!": oneOf("priority", "default", "flex", "reserved") }),
  outputConfig: structure({
    textFormat: structure({
      "type!": oneOf("json_schema"),
      "structure!": union("OutputFormatStructure", {
        jsonSchema: structure({ "schema!": text(), name: text(), description: text() }),
      }),
    }),
    effort: text({ max: 16 }),
  }),
};

export const converseRequest = structure({ ...common, guardrailConfig: structure(guardrail) });

export const converseStreamRequest = structure({
  ...common,
  guardrailConfig: structure({ ...guardrail, streamProcessingMode: oneOf("sync", "async") }),
});

export const countTokensRequest = structure({
  "input!": union("CountTokensInput", {
    invokeModel: structure({ "body!": { type: "blob", max: 25_000_000 } }),
    converse: structure({ messages, system, toolConfig, additionalModelRequestFields: document }),
  }),
});
