import { AwsError, validationError } from "../aws-error.ts";
import type { Capability, SimulatedModel } from "../catalogue.ts";
import { firstOf } from "./conversation-rules.ts";
import {
  thinkingBudget,
  toolUsesOf,
  type ContentBlock,
  type ConverseRequest,
} from "./converse-request.ts";

/** A reason why this model in particular refuses, in its words; undefined where there is none. */
export type ModelRule = (request: ConverseRequest, model: SimulatedModel) => string | undefined;

const fromModel = (message: string): string =>
  `The model returned the following errors: ${message}`;

const blocksOf = (request: ConverseRequest): ContentBlock[] =>
  (request.messages ?? []).flatMap((message) => message.content);

const supportedBlocks: Record<string, Capability | "always"> = {
  text: "always",
  toolUse: "Tools",
  toolResult: "Tools",
  image: "Vision",
  document: "Documents",
  reasoningContent: "Reasoning",
  guardContent: "always",
  // Cache points have a check of their own.
  cachePoint: "always",
};

const supportsBlocks: ModelRule = (request, model) =>
  firstOf(blocksOf(request), (block) => {
    const kind = Object.keys(block)[0] ?? "";
    const needed = supportedBlocks[kind];
    if (needed === "always" || (needed !== undefined && model.capabilities.includes(needed)))
      return undefined;
    if (needed === "Tools") return "This model doesn't support tool use.";
    return `This model doesn't support the ${kind} content block that you provided. Try again with a supported content block.`;
  });

const supportsTools: ModelRule = (request, model) =>
  request.toolConfig !== undefined && !model.capabilities.includes("Tools")
    ? "This model doesn't support tool use."
    : undefined;

const supportsFormat: ModelRule = (request, model) =>
  request.outputConfig?.textFormat !== undefined && !model.capabilities.includes("JsonSchema")
    ? "This model doesn't support the outputConfig.textFormat field. Remove outputConfig.textFormat and try again."
    : undefined;

const staysInLimit: ModelRule = (request, model) =>
  (request.inferenceConfig?.maxTokens ?? 0) > model.maxOutputTokens
    ? `The maximum tokens you requested exceeds the model limit of ${model.maxOutputTokens}. Try again with a maximum tokens value that is lower than ${model.maxOutputTokens}.`
    : undefined;

const knownFields: Partial<Record<SimulatedModel["dialect"], readonly string[]>> = {
  claude: [
    "top_k",
    "anthropic_beta",
    "anthropic_version",
    "tool_choice",
    "metadata",
    "stop_sequences",
  ],
  nova: ["inferenceConfig", "reasoningConfig"],
  gptOss: ["reasoning_effort", "seed", "frequency_penalty", "presence_penalty", "n", "logprobs"],
  llama: [],
};

const knowsFields: ModelRule = (request, model) => {
  const known = [...(knownFields[model.dialect] ?? [])];
  if (model.dialect === "claude" && model.capabilities.includes("Reasoning"))
    known.push("thinking");
  const unknown = Object.keys(request.additionalModelRequestFields ?? {}).find(
    (name) => !known.includes(name),
  );
  if (unknown === undefined) return undefined;
  if (model.dialect === "claude") return fromModel(`${unknown}: Extra inputs are not permitted`);
  return `Malformed input request: #: extraneous key [${unknown}] is not permitted, please reformat your input and try again.`;
};

const endsRightly: ModelRule = (request, model) => {
  const last = request.messages?.at(-1);
  if (last?.role !== "assistant") return undefined;
  if (model.dialect !== "claude")
    return "A conversation must end with a user message. Try again with a conversation that ends with a user message.";
  const text = last.content.at(-1)?.text;
  return text !== undefined && text !== text.trimEnd()
    ? fromModel("messages: final assistant content cannot end with trailing whitespace")
    : undefined;
};

const claudeStops: ModelRule = (request, model) =>
  model.dialect === "claude" &&
  (request.inferenceConfig?.stopSequences ?? []).some((sequence) => sequence.trim() === "")
    ? fromModel("stop_sequences: each stop sequence must contain non-whitespace")
    : undefined;

const claudeResults: ModelRule = (request, model) => {
  if (model.dialect !== "claude") return undefined;
  return firstOf(request.messages ?? [], (message, index) => {
    const firstOther = message.content.findIndex((block) => block.toolResult === undefined);
    const lastResult = message.content.findLastIndex((block) => block.toolResult !== undefined);
    if (
      firstOther >= 0 &&
      firstOther < lastResult &&
      message.content[firstOther]?.cachePoint === undefined
    ) {
      return fromModel(
        `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
    return firstOf(message.content, (block, at) =>
      block.toolResult?.content.some((part) => part.text === "") === true
        ? fromModel(
            `messages.${index}.content.${at}.tool_result: text content blocks must be non-empty`,
          )
        : undefined,
    );
  });
};

// Each: the words, and whether the request deserves them.
const thinkingLimits: readonly [
  words: string,
  broken: (request: ConverseRequest, budget: number) => boolean,
][] = [
  [
    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    (_request, budget) => budget < 1024,
  ],
  [
    "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ({ inferenceConfig }, budget) => (inferenceConfig?.maxTokens ?? Infinity) <= budget,
  ],
  [
    "`temperature` may only be set to 1 when thinking is enabled.",
    ({ inferenceConfig }) => (inferenceConfig?.temperature ?? 1) !== 1,
  ],
  [
    "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.",
    ({ inferenceConfig }) => (inferenceConfig?.topP ?? 1) < 0.95,
  ],
  [
    "`top_k` must be unset when thinking is enabled.",
    (request) => request.additionalModelRequestFields?.["top_k"] !== undefined,
  ],
  [
    "Thinking may not be enabled when tool_choice forces tool use.",
    ({ toolConfig }) => (toolConfig?.toolChoice?.any ?? toolConfig?.toolChoice?.tool) !== undefined,
  ],
];

const claudeThinking: ModelRule = (request, model) => {
  const budget = model.dialect === "claude" ? thinkingBudget(request) : undefined;
  if (budget === undefined) return undefined;
  const broken = thinkingLimits.find(([, isBroken]) => isBroken(request, budget));
  return broken === undefined ? claudeThinkingHistory(request) : fromModel(broken[0]);
};

// A turn that called tools while thinking must be sent back with its thinking in front.
function claudeThinkingHistory(request: ConverseRequest): string | undefined {
  const index = (request.messages ?? []).findLastIndex((message) => message.role === "assistant");
  const message = request.messages?.[index];
  if (toolUsesOf(message).length === 0 || message?.content[0]?.reasoningContent !== undefined)
    return undefined;
  return fromModel(
    `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`tool_use\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
  );
}

const modelRules: readonly ModelRule[] = [
  supportsTools,
  supportsBlocks,
  supportsFormat,
  staysInLimit,
  knowsFields,
  endsRightly,
  claudeStops,
  claudeResults,
  claudeThinking,
];

/** @throws AwsError with the first reason to refuse */
export function applyModelRules(request: ConverseRequest, model: SimulatedModel): void {
  const blocks = [
    ...blocksOf(request),
    ...(request.system ?? []),
    ...(request.toolConfig?.tools ?? []),
  ];
  if (
    blocks.some((block) => block.cachePoint !== undefined) &&
    !model.capabilities.includes("PromptCaching")
  ) {
    throw new AwsError(
      "AccessDeniedException",
      403,
      "You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information.",
    );
  }
  const complaint = firstOf(modelRules, (rule) => rule(request, model));
  if (complaint !== undefined) throw validationError(complaint);
}
