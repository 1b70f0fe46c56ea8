import { simulatedModels, type SimulatedModel } from "./catalogue.ts";

/** What a simulator offers, one line each, for a terminal or a document. */
export function describeSimulator(models: readonly SimulatedModel[] = simulatedModels): string[] {
  const width = Math.max(...models.map((model) => model.id.length));
  return models.map((model) => {
    const target = model.service === "bedrock" ? "Bedrock" : "SageMaker";
    return `${target.padEnd(9)} ${model.id.padEnd(width)} ${model.tier.padEnd(8)} ${describePricing(model)}, ${describeSpeed(model)}`;
  });
}

function describePricing({ pricing }: SimulatedModel): string {
  if (pricing.instanceHourly !== undefined) return `$${pricing.instanceHourly} an hour`;
  return `$${pricing.inputPerMTok} in, $${pricing.outputPerMTok} out per million tokens`;
}

function describeSpeed({ kind, speed }: SimulatedModel): string {
  if (kind === "embeddings") return `${speed.firstTokenMedianMs} ms`;
  return `first token ${speed.firstTokenMedianMs} ms, ${speed.tokensPerSecond} tokens a second`;
}
