import { ok, type Result } from "../../lib/index.ts";
import type { BackendEntry } from "../../table/index.ts";
import { judgeByTier } from "../estimate-by-tier.ts";
import type { Estimator, Judgement } from "../estimator.ts";
import type { RequestNeeds } from "../request-needs.ts";
import { chanceOf } from "./ability.ts";
import { Classifier } from "./classifier.ts";
import { decodeModel, modelDigest, type ModelError } from "./model-file.ts";
import type { ClassifierModel } from "./model.ts";
import { tierPlaces, type TierPlaces } from "./tier-places.ts";

/**
 * A classifier that judges a table's backends: each as its tier, or by an ability that was fitted to
 * what this very model's heads say. What it has never seen the like of it leaves to the heuristic.
 */
export class ClassifierEstimator implements Estimator {
  readonly digest: string;
  readonly model: ClassifierModel;
  readonly #classifier: Classifier;
  readonly #places: TierPlaces;

  private constructor(model: ClassifierModel, digest: string, places: TierPlaces) {
    this.model = model;
    this.digest = digest;
    this.#classifier = new Classifier(model);
    this.#places = places;
  }

  /** Reads a model file, unpacked, of which nothing is believed. */
  static read(bytes: Uint8Array): Result<ClassifierEstimator, ModelError> {
    const decoded = decodeModel(bytes);
    return decoded.ok ? ClassifierEstimator.of(decoded.value, modelDigest(bytes)) : decoded;
  }

  /** @param digest of the model's file, which plans and abilities name it by */
  static of(model: ClassifierModel, digest: string): Result<ClassifierEstimator, ModelError> {
    const places = tierPlaces(model.header.tiers);
    return places.ok ? ok(new ClassifierEstimator(model, digest, places.value)) : places;
  }

  judge(needs: RequestNeeds, prior?: readonly number[]): Judgement {
    if (needs.type === "Embeddings") return judgeByTier(needs);
    const scores = this.#classifier.score(needs.question, prior);
    if (scores.unfamiliar.length > 0) return judgeByTier(needs, scores.unfamiliar);
    return {
      source: "classifier",
      unfamiliar: scores.unfamiliar,
      pCorrect: ({ ability, tier }: BackendEntry) =>
        ability?.model === this.digest
          ? chanceOf(ability, scores.heads)
          : (scores.correct[this.#places[tier]] ?? 0),
      outputTokens: ({ tier }: BackendEntry) => scores.outputTokens[this.#places[tier]],
    };
  }

  /** What its heads say of a request, for labels that abilities are fitted to; null of embeddings. */
  headsOf({ type, question }: RequestNeeds): number[] | null {
    return type === "Embeddings" ? null : [...this.#classifier.score(question).heads];
  }
}
