/** Whose request fields and habits a Bedrock model has. */
export type ModelFamily = "claude" | "nova" | "llama" | "mistral" | "gptOss" | "other";

// An id, an id behind a geography ("us.anthropic.…"), or an ARN that ends in one. The ARN of an
// application inference profile names no model: such a backend gets what every model takes.
const families: readonly (readonly [RegExp, ModelFamily])[] = [
  [/(?:^|[./])anthropic\./, "claude"],
  [/(?:^|[./])amazon\.nova/, "nova"],
  [/(?:^|[./])meta\.llama/, "llama"],
  [/(?:^|[./])mistral\./, "mistral"],
  [/(?:^|[./])openai\.gpt-oss/, "gptOss"],
];

const known = new Map<string, ModelFamily>();
const mostKnown = 1_000;

export function modelFamily(modelId: string): ModelFamily {
  const found = known.get(modelId);
  if (found !== undefined) return found;
  const family = families.find(([pattern]) => pattern.test(modelId))?.[1] ?? "other";
  // Few models stand in a table, and every request asks.
  if (known.size >= mostKnown) known.clear();
  known.set(modelId, family);
  return family;
}
