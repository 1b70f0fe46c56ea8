import type { ConverseRequest, ConverseMessage } from "./converse-request.ts";
import { toolResultsOf, toolUsesOf } from "./converse-request.ts";

/** A reason to refuse a conversation, in Bedrock's words; undefined where there is none. */
export type ConversationRule = (request: ConverseRequest) => string | undefined;

/** Gives the first complaint of a list. */
export function firstOf<T>(
  items: readonly T[],
  complain: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const complaint = complain(item, index);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

const messagesOf = (request: ConverseRequest): ConverseMessage[] => request.messages ?? [];

const startsWithUser: ConversationRule = (request) =>
  messagesOf(request)[0]?.role === "user"
    ? undefined
    : "A conversation must start with a user message. Try again with a conversation that starts with a user message.";

const knowsRoles: ConversationRule = (request) =>
  messagesOf(request).some((message) => message.role === "system")
    ? "This model doesn't support the system role in messages. Use the system field, and try again."
    : undefined;

const alternatesRoles: ConversationRule = (request) =>
  firstOf(messagesOf(request), (message, index) =>
    message.role === messagesOf(request)[index - 1]?.role
      ? "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again."
      : undefined,
  );

const hasContent: ConversationRule = (request) =>
  firstOf(messagesOf(request), (message, index) =>
    message.content.length === 0
      ? `The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the content field and try again.`
      : undefined,
  );

const isBlank = (text: string | undefined): boolean => text !== undefined && text.trim() === "";

const hasText: ConversationRule = (request) =>
  firstOf(request.system ?? [], (block, index) =>
    blankAt(block.text, "SystemContentBlock", `system.${index}`),
  ) ??
  firstOf(messagesOf(request), (message, index) =>
    firstOf(message.content, (block, at) =>
      blankAt(block.text, "ContentBlock", `messages.${index}.content.${at}`),
    ),
  );

const blankAt = (text: string | undefined, name: string, place: string): string | undefined =>
  isBlank(text)
    ? `The text field in the ${name} object at ${place} is blank. Add text to the text field, and try again.`
    : undefined;

const forbidden = {
  user: ["toolUse", "reasoningContent", "citationsContent"],
  assistant: ["toolResult", "document", "image", "video", "audio", "guardContent", "searchResult"],
  system: [] as string[],
};

const keepsBlocksToRoles: ConversationRule = (request) =>
  firstOf(messagesOf(request), (message, index) =>
    firstOf(message.content, (block, at) => {
      const found = forbidden[message.role].find((kind) => kind in block);
      return found === undefined
        ? undefined
        : `The ${found} content block at messages.${index}.content.${at} isn't allowed in a message of the ${message.role} role. Remove the content block and try again.`;
    }),
  );

const answersToolUses: ConversationRule = (request) =>
  firstOf(messagesOf(request), (message, index) => {
    const used = toolUsesOf(message).map((use) => use.toolUseId);
    const given = toolResultsOf(messagesOf(request)[index + 1]).map((result) => result.toolUseId);
    const place = `messages.${index + 1}.content`;
    if (new Set(used).size < used.length)
      return `The toolUse blocks at messages.${index}.content contain duplicate Ids: ${used.join(", ")}`;
    const missing = used.filter((id) => !given.includes(id));
    return missing.length > 0
      ? `Expected toolResult blocks at ${place} for the following Ids: ${missing.join(", ")}`
      : undefined;
  });

const resultsHaveToolUses: ConversationRule = (request) =>
  firstOf(messagesOf(request), (message, index) => {
    const used = toolUsesOf(messagesOf(request)[index - 1]).map((use) => use.toolUseId);
    const given = toolResultsOf(message).map((result) => result.toolUseId);
    const place = `messages.${index}.content`;
    if (given.length > used.length)
      return `The number of toolResult blocks at ${place} exceeds the number of toolUse blocks of previous turn.`;
    if (new Set(given).size < given.length)
      return `The toolResult blocks at ${place} contain duplicate Ids: ${given.join(", ")}`;
    const strangers = given.filter((id) => !used.includes(id));
    return strangers.length > 0
      ? `The toolResult blocks at ${place} contain unexpected Ids: ${strangers.join(", ")}`
      : undefined;
  });

const declaresTools: ConversationRule = (request) => {
  const speaksOfTools = messagesOf(request).some(
    (message) => toolUsesOf(message).length + toolResultsOf(message).length > 0,
  );
  return speaksOfTools && request.toolConfig === undefined
    ? "The toolConfig field must be defined when using toolUse and toolResult content blocks."
    : undefined;
};

const toolInputsAreObjects: ConversationRule = (request) =>
  firstOf(messagesOf(request), (message, index) =>
    firstOf(message.content, (block, at) =>
      block.toolUse !== undefined && !isObject(block.toolUse.input)
        ? `The format of the value at messages.${index}.content.${at}.toolUse.input is invalid. Provide a json object for the field and try again.`
        : undefined,
    ),
  );

const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const toolsAreSound: ConversationRule = (request) => {
  const specs = (request.toolConfig?.tools ?? []).map((tool) => tool.toolSpec);
  const names = specs.flatMap((spec) => spec?.name ?? []);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    return `The tool names at toolConfig.tools must be unique. Remove or rename the duplicate: ${twice}`;
  const chosen = request.toolConfig?.toolChoice?.tool?.name;
  if (chosen !== undefined && !names.includes(chosen))
    return `The value at toolConfig.toolChoice.tool.name must be one of the tools in toolConfig.tools: ${chosen}`;
  return firstOf(specs, (spec, index) =>
    spec !== undefined &&
    (spec.inputSchema.json as { type?: unknown } | undefined)?.type !== "object"
      ? `The value at toolConfig.tools.${index}.toolSpec.inputSchema.json.type must be one of the following: object.`
      : undefined,
  );
};

const documentName = /^(?!.*\s{2})[A-Za-z0-9\s\-()[\]]+$/;

const documentsAreSound: ConversationRule = (request) => {
  const documents = messagesOf(request).flatMap((message) =>
    message.content.flatMap((block) => block.document ?? []),
  );
  const names = documents.map((document) => document.name ?? "");
  if (names.some((name) => !documentName.test(name))) {
    return "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character.";
  }
  if (new Set(names).size < names.length)
    return "Your API request included documents with duplicate names. Provide a unique name for each document and try again.";
  if (documents.length > 5)
    return "Your API request included more than 5 documents. Remove documents and try again.";
  const alone = messagesOf(request).findIndex(
    (message) =>
      message.content.some((block) => block.document !== undefined) &&
      !message.content.some((block) => block.text !== undefined),
  );
  return alone < 0
    ? undefined
    : `The message at messages.${alone} includes a document block but no text block. Add a text block to the message and try again.`;
};

const cachePointsAreFew: ConversationRule = (request) => {
  const blocks = [
    ...(request.toolConfig?.tools ?? []),
    ...(request.system ?? []),
    ...messagesOf(request).flatMap((message) => message.content),
  ];
  const count = blocks.filter((block) => block.cachePoint !== undefined).length;
  return count > 4
    ? `A maximum of 4 blocks with cache_control may be provided. Found ${count}.`
    : undefined;
};

const schemaIsJson: ConversationRule = (request) => {
  const schema = request.outputConfig?.textFormat?.structure.jsonSchema.schema;
  if (schema === undefined) return undefined;
  try {
    return isObject(JSON.parse(schema))
      ? undefined
      : "The value at outputConfig.textFormat.structure.jsonSchema.schema must be a JSON object.";
  } catch {
    return "The value at outputConfig.textFormat.structure.jsonSchema.schema is not valid JSON.";
  }
};

/** What every model asks of a conversation. */
export const conversationRules: readonly ConversationRule[] = [
  startsWithUser,
  knowsRoles,
  alternatesRoles,
  hasContent,
  hasText,
  keepsBlocksToRoles,
  declaresTools,
  answersToolUses,
  resultsHaveToolUses,
  toolInputsAreObjects,
  toolsAreSound,
  documentsAreSound,
  cachePointsAreFew,
  schemaIsJson,
];
