import type { InferenceConfiguration } from "@aws-sdk/client-bedrock-runtime";
import type { ChatRequest } from "../../openai/index.ts";
import { isBlank } from "./blank.ts";
import { answerRoom, novaEffort } from "./reasoning.ts";
import type { Translation } from "./translation.ts";

/** @param budget Claude's tokens to think with */
export function inferenceConfig(
  request: ChatRequest,
  budget: number | undefined,
  translation: Translation,
): InferenceConfiguration | undefined {
  const config: InferenceConfiguration = {
    ...maxTokens(request, budget, translation),
    ...sampling(request, budget, translation),
    ...stopSequences(request, translation),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function maxTokens(
  request: ChatRequest,
  budget: number | undefined,
  translation: Translation,
): InferenceConfiguration {
  if (refusesBounds(request, translation)) return {};
  const asked = request.max_completion_tokens ?? request.max_tokens;
  const wanted = asked ?? (budget === undefined ? undefined : budget + answerRoom);
  // The same request may go to models of different reach: none of them is asked for more.
  if (wanted === undefined) return {};
  return { maxTokens: Math.min(wanted, translation.backend.maxOutputTokens) };
}

/** Converse's temperature ends at 1, and while Claude thinks, it is not to be chosen. */
function sampling(
  request: ChatRequest,
  budget: number | undefined,
  translation: Translation,
): InferenceConfiguration {
  if (budget !== undefined || refusesBounds(request, translation)) return {};
  const { temperature, top_p: topP } = request;
  if (temperature === undefined) return topP === undefined ? {} : { topP };
  const set = { temperature: Math.min(temperature, 1) };
  // Later Claudes refuse both at once; OpenAI advises against it.
  return topP === undefined || translation.family === "claude" ? set : { ...set, topP };
}

/** Nova at its highest effort takes neither a bound nor sampling. */
const refusesBounds = (request: ChatRequest, translation: Translation): boolean =>
  translation.family === "nova" && novaEffort(request, translation) === "high";

function stopSequences({ stop }: ChatRequest, { family }: Translation): InferenceConfiguration {
  const texts = typeof stop === "string" ? [stop] : (stop ?? []);
  const kept = texts.filter((text) => text !== "" && !(family === "claude" && isBlank(text)));
  return kept.length === 0 ? {} : { stopSequences: kept };
}
