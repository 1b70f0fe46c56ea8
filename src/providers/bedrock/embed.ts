import type { Usage } from "../../openai/index.ts";
import type { BedrockTarget } from "../../table/index.ts";
import { countOf } from "../count-of.ts";
import type { EmbedCall, Embedded } from "../contract.ts";
import { inParallel } from "../in-parallel.ts";
import { ProviderError } from "../provider-error.ts";
import { type EmbeddingModel, embeddingModel } from "./embedding-models.ts";
import { serviceTierOf } from "./service-tier.ts";
import type { BedrockTransport, Invoked } from "./transport.ts";

interface Batch {
  vectors: number[][];
  tokens: number;
  requestId?: string;
}

/** Embeds the inputs in as many calls as the model needs, a bounded number of them at a time. */
export async function embed(
  transport: BedrockTransport,
  target: BedrockTarget,
  { backend, request, signal }: EmbedCall,
): Promise<Embedded> {
  const model = embeddingModel(target.modelId);
  const bodies = inBatches(request.input, model.batch).map((inputs) => ({
    count: inputs.length,
    body: JSON.stringify(model.body(inputs, request)),
  }));
  const tier = serviceTierOf(target);
  let input = 0;
  const batches = await inParallel(
    bodies,
    { most: model.parallel, signal },
    async (item, within) => {
      const invoked = await transport.invoke({
        backend,
        modelId: target.modelId,
        body: item.body,
        signal: within,
        ...(tier === undefined ? {} : { serviceTier: tier }),
      });
      const batch = readBatch(invoked, item.count, model);
      input += batch.tokens;
      return batch;
    },
  ).catch((error: unknown) => {
    throw withUsage(error, input);
  });
  const vectors = batches.flatMap((batch) => batch.vectors);
  if (new Set(vectors.map(({ length }) => length)).size > 1) throw withUsage(malformed(), input);
  const requestId = batches[0]?.requestId;
  return {
    vectors,
    usage: usageOf(input),
    facts: requestId === undefined ? {} : { requestId },
  };
}

const usageOf = (input: number): Usage => ({
  input,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  reasoning: 0,
});

/** The calls that were answered before one of them failed are billed. */
function withUsage(error: unknown, input: number): unknown {
  if (!(error instanceof ProviderError) || input === 0) return error;
  return new ProviderError(error.code, error.message, { ...error.details, usage: usageOf(input) });
}

const malformed = (): ProviderError =>
  new ProviderError("malformed_reply", "The model gave embeddings that cannot be read");

function inBatches(inputs: readonly string[], size: number): string[][] {
  const count = Math.ceil(inputs.length / size);
  return Array.from({ length: count }, (_, index) =>
    inputs.slice(index * size, (index + 1) * size),
  );
}

function readBatch(invoked: Invoked, count: number, model: EmbeddingModel): Batch {
  const reply = readJson(invoked.body);
  const vectors = model.vectors(reply);
  if (!areVectors(vectors) || vectors.length !== count) throw malformed();
  const header = Number(invoked.headers["x-amzn-bedrock-input-token-count"]);
  const tokens = countOf(header) ?? countOf(model.tokens(reply)) ?? 0;
  return {
    vectors,
    tokens,
    ...(invoked.requestId === undefined ? {} : { requestId: invoked.requestId }),
  };
}

function readJson(body: Uint8Array): Record<string, unknown> {
  try {
    const value = JSON.parse(Buffer.from(body).toString("utf8")) as unknown;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const areVectors = (value: unknown): value is number[][] =>
  Array.isArray(value) && value.every((vector) => Array.isArray(vector) && vector.every(isNumber));

const isNumber = (value: unknown): boolean => typeof value === "number";
