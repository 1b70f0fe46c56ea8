import type { Usage } from "./frame.ts";
import { usageBody } from "./usage-body.ts";

export interface EmbeddingsBody {
  object: "list";
  model: string;
  data: { object: "embedding"; index: number; embedding: readonly number[] | string }[];
  usage: { prompt_tokens: number; total_tokens: number };
}

interface EmbeddingsAnswer {
  model: string;
  vectors: readonly (readonly number[])[];
  usage: Usage;
  /** `encoding_format` of the request; clients of OpenAI mostly ask for base64 and decode it unseen. */
  encoding: "float" | "base64" | undefined;
}

export function embeddingsBody(answer: EmbeddingsAnswer): EmbeddingsBody {
  const encode = answer.encoding === "base64" ? packFloats : keepFloats;
  const { prompt_tokens, total_tokens } = usageBody(answer.usage);
  return {
    object: "list",
    model: answer.model,
    data: answer.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encode(vector),
    })),
    usage: { prompt_tokens, total_tokens },
  };
}

const keepFloats = (vector: readonly number[]): readonly number[] => vector;

/** Little-endian 32-bit floats, one after the other. */
function packFloats(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
}
