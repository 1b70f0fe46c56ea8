import type {
  ContentBlock,
  ConverseRequest,
  Message,
  SystemContentBlock,
  Tool,
} from "@aws-sdk/client-bedrock-runtime";

// What Converse takes, by its service model and by what it has been seen to refuse. Written apart
// from the translation and from the simulator, so that the three check each other.

const idPattern = /^[a-zA-Z0-9_.:-]{1,64}$/;
const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;
const documentPattern = /^[A-Za-z0-9()[\]-]+( [A-Za-z0-9()[\]-]+)*$/;
const metadataPattern = /^[a-zA-Z0-9\s:_@$#=/+,\-.]{0,256}$/;

type Rule = (request: ConverseRequest) => (string | false | undefined)[];

/** Every complaint about a request; none where Converse would take it. */
export function converseComplaints(request: ConverseRequest): string[] {
  return rules.flatMap((rule) =>
    rule(request).filter((complaint) => typeof complaint === "string"),
  );
}

const messagesOf = (request: ConverseRequest): Message[] => request.messages ?? [];
const contentOf = (message: Message | undefined): ContentBlock[] => message?.content ?? [];
const isBlank = (value: string | undefined): boolean => value?.trim() === "";

const roles: Rule = (request) => [
  messagesOf(request)[0]?.role !== "user" && "the first message is not the user's",
  ...messagesOf(request).map(
    ({ role }, index) =>
      role === messagesOf(request)[index - 1]?.role && `${index}: same role twice`,
  ),
];

const contents: Rule = (request) =>
  messagesOf(request).flatMap((message, index) => [
    contentOf(message).length === 0 && `${index}: no content`,
    contentOf(message).every((block) => block.cachePoint !== undefined) && `${index}: only points`,
    ...contentOf(message).map(
      (block) => blockComplaint(block, message.role) && `${index}: a block`,
    ),
  ]);

function blockComplaint(block: ContentBlock, role: Message["role"]): boolean {
  const kind = Object.keys(block)[0] ?? "";
  const ofAssistant = ["toolUse", "reasoningContent"].includes(kind);
  const ofUser = ["toolResult", "image", "document"].includes(kind);
  const misplaced = role === "user" ? ofAssistant : ofUser;
  return misplaced || Object.keys(block).length !== 1 || isBlank(block.text);
}

const system: Rule = (request) =>
  (request.system ?? []).map(
    (block: SystemContentBlock) => isBlank(block.text) && "a blank system text",
  );

const assistantOrder: Rule = (request) =>
  messagesOf(request).map((message, index) => {
    const ranks = contentOf(message).map((block) =>
      block.reasoningContent !== undefined ? 0 : block.toolUse !== undefined ? 2 : 1,
    );
    const sorted = ranks.every((rank, at) => rank >= (ranks[at - 1] ?? 0));
    return message.role === "assistant" && !sorted && `${index}: reasoning, text, calls`;
  });

const toolUses: Rule = (request) => {
  const seen = new Set<string>();
  return messagesOf(request).flatMap((message, index) => {
    const next = messagesOf(request)[index + 1];
    const answered = contentOf(next).flatMap(({ toolResult }) => toolResult?.toolUseId ?? []);
    return contentOf(message).flatMap(({ toolUse }) => {
      const id = toolUse?.toolUseId;
      if (toolUse === undefined || id === undefined) return [];
      const again = seen.has(id);
      seen.add(id);
      return [
        again && `${index}: the id ${id} twice`,
        !answered.includes(id) && `${index}: no result for ${id}`,
        !isWellFormed(toolUse) && `${index}: the call ${id}`,
      ];
    });
  });
};

function isWellFormed({ toolUseId = "", name = "", input }: NonNullable<ContentBlock["toolUse"]>) {
  const object = typeof input === "object" && input !== null && !Array.isArray(input);
  return idPattern.test(toolUseId) && namePattern.test(name) && object;
}

const toolResults: Rule = (request) =>
  messagesOf(request).flatMap((message, index) => {
    const asked = contentOf(messagesOf(request)[index - 1]).flatMap(
      ({ toolUse }) => toolUse?.toolUseId ?? [],
    );
    const results = contentOf(message).flatMap(({ toolResult }) => toolResult ?? []);
    const ids = results.map(({ toolUseId = "" }) => toolUseId);
    const others = contentOf(message).findIndex(
      (block) => block.toolResult === undefined && block.cachePoint === undefined,
    );
    const last = contentOf(message).findLastIndex((block) => block.toolResult !== undefined);
    return [
      new Set(ids).size < ids.length && `${index}: a result twice`,
      ids.some((id) => !asked.includes(id)) && `${index}: a result without its call`,
      others !== -1 && others < last && `${index}: results come first`,
      results.some(({ content = [] }) => content.length === 0) && `${index}: an empty result`,
      results.some(({ content = [] }) => content.some((block) => isBlank(block.text))) &&
        `${index}: a blank result`,
    ];
  });

const toolUsage: Rule = (request) => {
  const used = messagesOf(request).some((message) =>
    contentOf(message).some((block) => "toolUse" in block || "toolResult" in block),
  );
  return [used && request.toolConfig === undefined && "tools are used and not declared"];
};

const toolNames: Rule = ({ toolConfig }) => {
  const names = specsOf(toolConfig).map(({ name = "" }) => name);
  const chosen = toolConfig?.toolChoice?.tool?.name;
  return [
    new Set(names).size < names.length && "a tool's name twice",
    names.some((name) => !namePattern.test(name)) && "a tool's name",
    chosen !== undefined && !names.includes(chosen) && "a choice among other tools",
  ];
};

const toolSpecs: Rule = ({ toolConfig }) => {
  const specs = specsOf(toolConfig);
  return [
    toolConfig !== undefined && specs.length === 0 && "no tools in the configuration",
    specs.some(({ description }) => isBlank(description)) && "a blank description",
    specs.some(({ inputSchema }) => !isObjectSchema(inputSchema?.json)) && "a schema of no object",
  ];
};

const specsOf = (config: ConverseRequest["toolConfig"]) =>
  (config?.tools ?? []).flatMap(({ toolSpec }: Tool) => toolSpec ?? []);

const isObjectSchema = (schema: unknown): boolean =>
  (schema as { type?: unknown } | undefined)?.type === "object" &&
  !JSON.stringify(schema).includes("$ref");

const documents: Rule = (request) => {
  const all = messagesOf(request).map((message) =>
    contentOf(message).flatMap(({ document }) => document ?? []),
  );
  const names = all.flat().map(({ name = "" }) => name);
  return [
    names.some((name) => !documentPattern.test(name)) && "a document's name",
    new Set(names).size < names.length && "a document's name twice",
    ...messagesOf(request).map((message, index) => {
      const silent = !contentOf(message).some((block) => block.text !== undefined);
      return (all[index] ?? []).length > 0 && silent && `${index}: a document without a text`;
    }),
  ];
};

const cachePoints: Rule = (request) => {
  const blocks: object[] = [
    ...(request.toolConfig?.tools ?? []),
    ...(request.system ?? []),
    ...messagesOf(request).flatMap(contentOf),
  ];
  const count = blocks.filter((block) => "cachePoint" in block).length;
  return [count > 4 && `${count} cache points`];
};

const inference: Rule = ({ inferenceConfig = {} }) => {
  const { maxTokens, temperature, topP, stopSequences } = inferenceConfig;
  return [
    maxTokens !== undefined && maxTokens < 1 && "maxTokens",
    !isShare(temperature) && "temperature",
    !isShare(topP) && "topP",
    stopSequences?.includes("") === true && "an empty stop sequence",
  ];
};

const isShare = (value: number | undefined): boolean =>
  value === undefined || (value >= 0 && value <= 1);

const metadata: Rule = ({ requestMetadata }) => {
  if (requestMetadata === undefined) return [];
  const entries = Object.entries(requestMetadata);
  const valid = entries.every(([key, value]) =>
    [key, value].every((each) => metadataPattern.test(each)),
  );
  return [(entries.length === 0 || entries.length > 16 || !valid) && "request metadata"];
};

const thinkingRoom: Rule = (request) => {
  const budget = budgetOf(request);
  if (budget === undefined) return [];
  const { maxTokens = 0, temperature, topP } = request.inferenceConfig ?? {};
  return [
    budget < 1024 && "a budget below the least",
    maxTokens <= budget && "no room beside the thoughts",
    (temperature ?? topP) !== undefined && "sampling while it thinks",
  ];
};

const thinkingTurns: Rule = (request) => {
  if (budgetOf(request) === undefined) return [];
  const choice = request.toolConfig?.toolChoice;
  return [
    (choice?.any ?? choice?.tool) !== undefined && "a forced call while it thinks",
    forgetsThoughts(request) && "calls without their thoughts",
    messagesOf(request).at(-1)?.role === "assistant" && "words put into a thinker's mouth",
  ];
};

const budgetOf = ({ additionalModelRequestFields: fields }: ConverseRequest): number | undefined =>
  (fields as { thinking?: { budget_tokens: number } } | undefined)?.thinking?.budget_tokens;

function forgetsThoughts(request: ConverseRequest): boolean {
  const last = messagesOf(request).findLast(({ role }) => role === "assistant");
  const called = contentOf(last).some((block) => "toolUse" in block);
  return called && contentOf(last)[0]?.reasoningContent === undefined;
}

const ending: Rule = (request) => {
  const last = messagesOf(request).at(-1);
  if (last?.role !== "assistant") return [];
  const claude = request.modelId?.startsWith("anthropic.") === true;
  const text = contentOf(last).at(-1)?.text ?? "";
  return [
    !claude && "the assistant has the last word",
    text.trimEnd() !== text && "trailing space",
  ];
};

const rules: readonly Rule[] = [
  roles,
  contents,
  system,
  assistantOrder,
  toolUses,
  toolResults,
  toolUsage,
  toolNames,
  toolSpecs,
  documents,
  cachePoints,
  inference,
  metadata,
  thinkingRoom,
  thinkingTurns,
  ending,
];
