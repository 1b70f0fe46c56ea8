import * as z from "zod";
import { err, ok, type Result } from "../lib/index.ts";
import type { ApiError } from "./api-error.ts";
import { listOf } from "./first-problem.ts";
import { describeProblem } from "./schema-problem.ts";
import { withoutNulls } from "./without-nulls.ts";

/** What OpenAI's embeddings accept; members that are null are absent. */
export interface EmbeddingsRequest {
  model: string;
  /** At least one; none is empty. A lone text has become a list of one. */
  input: string[];
  dimensions?: number | undefined;
  encoding_format?: "float" | "base64" | undefined;
  user?: string | undefined;
}

/** OpenAI's own limit of inputs in one request. */
const maxInputs = 2_048;

const text = z
  .string({
    error: ({ input }) =>
      typeof input === "number" || Array.isArray(input)
        ? "must be text: token ids mean nothing without the tokenizer of one model (in LangChain, set check_embedding_ctx_length=False)"
        : undefined,
  })
  .min(1);

const embeddingsRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([text, listOf(text, { min: 1, max: maxInputs })]),
  dimensions: z.int().min(1).optional(),
  encoding_format: z.enum(["float", "base64"]).optional(),
  user: z.string().optional(),
});

export function parseEmbeddingsRequest(body: unknown): Result<EmbeddingsRequest, ApiError> {
  const parsed = embeddingsRequest.safeParse(withoutNulls(body), { reportInput: true });
  if (!parsed.success) return err(describeProblem(parsed.error));
  const { input } = parsed.data;
  return ok({ ...parsed.data, input: typeof input === "string" ? [input] : input });
}
