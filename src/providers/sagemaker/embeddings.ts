import type { EmbeddingsRequest, Usage } from "../../openai/index.ts";
import { countOf } from "../count-of.ts";
import { throwContainerError } from "./container-error.ts";
import { fieldsOf, malformed } from "./fields.ts";
import { countUsage } from "./usage.ts";

export interface Embeddings {
  vectors: number[][];
  usage: Usage;
}

/** The body of an OpenAI-compatible container. Vectors are asked for as numbers, whatever the client wants. */
export function embeddingsBody(request: EmbeddingsRequest): object {
  const { input, dimensions } = request;
  return { input, ...(dimensions === undefined ? {} : { dimensions }) };
}

/**
 * `{data: [{index, embedding}], usage}`.
 *
 * @throws ProviderError malformed_reply unless there is one vector for each input, all of one length
 */
export function readEmbeddings(request: EmbeddingsRequest, answer: unknown): Embeddings {
  throwContainerError(answer);
  const { data, usage } = fieldsOf(answer);
  if (!Array.isArray(data) || data.length !== request.input.length) throw malformed();
  const vectors: number[][] = [];
  data.forEach((item: unknown, place) => {
    const { index, embedding } = fieldsOf(item);
    vectors[countOf(index) ?? place] = readVector(embedding);
  });
  if (vectors.length !== data.length) throw malformed();
  // `every` skips holes, which an index given twice leaves.
  const [first] = vectors;
  const even = Array.from(vectors, (vector) => vector?.length === first?.length);
  if (even.includes(false)) throw malformed();
  return { vectors, usage: countUsage(countOf(fieldsOf(usage)["prompt_tokens"]) ?? 0, 0) };
}

function readVector(told: unknown): number[] {
  if (!Array.isArray(told) || told.length === 0 || !told.every(isFiniteNumber)) throw malformed();
  return told;
}

const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);
