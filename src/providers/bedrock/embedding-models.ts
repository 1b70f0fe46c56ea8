import type { EmbeddingsRequest } from "../../openai/index.ts";
import { ProviderError } from "../provider-error.ts";
import { invalidField } from "../invalid-field.ts";

/** How one family of embedding models is asked. */
export interface EmbeddingModel {
  /** Inputs a call. */
  batch: number;
  /** Calls under way at once. */
  parallel: number;
  body: (inputs: readonly string[], request: EmbeddingsRequest) => Record<string, unknown>;
  vectors: (reply: Record<string, unknown>) => unknown;
  /** Tokens by the reply's body; undefined where it does not tell. */
  tokens: (reply: Record<string, unknown>) => unknown;
}

const titan: EmbeddingModel = {
  batch: 1,
  parallel: 8,
  body: ([inputText], { dimensions }) => ({
    inputText,
    normalize: true,
    ...(dimensions === undefined ? {} : { dimensions }),
  }),
  vectors: (reply) => [reply["embedding"]],
  tokens: (reply) => reply["inputTextTokenCount"],
};

const cohere: EmbeddingModel = {
  batch: 96,
  parallel: 4,
  body: (texts, request) => {
    if (request.dimensions !== undefined && request.dimensions !== cohereDimensions) {
      throw invalidField("dimensions", `must be ${cohereDimensions} for this model, or absent`);
    }
    return { texts, input_type: inputType(request) };
  },
  vectors: ({ embeddings }) =>
    Array.isArray(embeddings) ? embeddings : (embeddings as { float?: unknown } | undefined)?.float,
  tokens: () => undefined,
};

const cohereDimensions = 1024;

/** Cohere tells what is stored from what is asked; OpenAI's clients send it as an extra field. */
function inputType(request: EmbeddingsRequest): string {
  const { input_type: given } = request as { input_type?: unknown };
  return typeof given === "string" && given !== "" ? given : "search_document";
}

const models: readonly (readonly [RegExp, EmbeddingModel])[] = [
  [/(?:^|[./])amazon\.titan-embed-text/, titan],
  [/(?:^|[./])cohere\.embed-\w+-v3/, cohere],
];

/** @throws ProviderError model_not_found for a model that does not embed */
export function embeddingModel(modelId: string): EmbeddingModel {
  const model = models.find(([pattern]) => pattern.test(modelId))?.[1];
  if (model === undefined) {
    throw new ProviderError("model_not_found", "The model gives no embeddings");
  }
  return model;
}
