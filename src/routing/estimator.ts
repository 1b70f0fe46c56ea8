import type { BackendEntry } from "../table/index.ts";
import type { RequestNeeds } from "./request-needs.ts";

/** Judges how probably a backend answers a request correctly: the heuristic by tier, or a classifier. */
export interface Estimator {
  /** Of the classifier's model; null of the heuristic. */
  readonly digest: string | null;
  /**
   * What depends on the request alone is done once, before the candidates. A judgement holds until the
   * next request is judged.
   *
   * @param prior log-odds of a correct answer on the route, by tier; absent: nothing is known of the route
   */
  judge(needs: RequestNeeds, prior?: readonly number[]): Judgement;
}

export interface Judgement {
  source: "tier" | "classifier";
  /** Traits of the request that the classifier has never seen: then it is not asked. */
  unfamiliar: readonly string[];
  /** From 0 to 1. */
  pCorrect(backend: BackendEntry): number;
  /** Expected tokens of the backend's answer; undefined: what is usual on the route. */
  outputTokens(backend: BackendEntry): number | undefined;
}
