import {
  denseCount,
  featureHash,
  modelVersion,
  slotCount,
  type ClassifierModel,
  type ModelHeader,
} from "../../src/routing/index.ts";
import { seededRandom } from "../../src/lib/index.ts";

/** A model of two tiers and five heads whose numbers mean nothing, but are the same each time. */
export function tinyModel(change: Partial<ModelHeader> = {}, seed = 1): ClassifierModel {
  const random = seededRandom(seed);
  const row = (length: number): number[] => Array.from({ length }, () => random() - 0.5);
  const rows = (count: number, length: number): number[][] =>
    Array.from({ length: count }, () => row(length));
  const header: ModelHeader = {
    version: modelVersion,
    name: "tiny",
    featureHash: featureHash(),
    tiers: ["Small", "Frontier"],
    heads: ["correct:Small", "correct:Frontier", "tokens:Small", "tokens:Frontier", "ease"],
    tokensAt: 2,
    scales: row(5).map(Math.abs),
    dense: rows(5, 1 + denseCount),
    tokenScales: [1.1, 1.2],
    stages: { hidden: { weights: rows(2, 6) }, known: { weights: rows(2, 8) } },
    prior: {
      pseudoCount: 20,
      overall: [0.5, 0.75],
      routes: { sums: { count: 60, correct: [50, 60] } },
    },
    support: { foreign_letters: 0.1, cut: 1, earlier_turns: 0, tools: 0, images: 0 },
    training: { sources: ["nowhere"], dataDigest: "0", rows: 0, seed },
    metrics: { auc: 0.5 },
    ...change,
  };
  const weights = Int8Array.from({ length: slotCount * header.heads.length }, () =>
    Math.floor(random() * 255 - 127),
  );
  return { header, weights };
}
