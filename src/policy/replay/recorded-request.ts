import type { CandidateEstimate, LedgerLine, RequestRecord } from "../../records/index.ts";

/** What kept a candidate out for a moment only: no hard limit did. */
const momentary: ReadonlySet<string> = new Set(["ejected", "full", "share"]);

/** What was believed of a candidate that no hard limit had dropped. */
export interface RecordedOption {
  backend: string;
  p: number;
  expectedUsd: number;
  estimate: CandidateEstimate;
  /** Whether it could not be called just then. */
  isAway: boolean;
}

/** By backend: the candidates that the hard limits left, where all that a choice needs was recorded of them. */
export function optionsOf({ estimates }: RequestRecord): Map<string, RecordedOption> {
  const options = new Map<string, RecordedOption>();
  for (const estimate of estimates) {
    const { backend, p_correct: p, expected_cost_usd: expectedUsd, dropped } = estimate;
    if (p === null || expectedUsd === null) continue;
    if (dropped !== null && !momentary.has(dropped)) continue;
    options.set(backend, { backend, p, expectedUsd, estimate, isAway: dropped !== null });
  }
  return options;
}

/** Those that a hard limit dropped: another policy would find the same limit. */
export function droppedIn({ estimates }: RequestRecord): Set<string> {
  const dropped = estimates.filter((each) => each.dropped !== null && !momentary.has(each.dropped));
  return new Set(dropped.map(({ backend }) => backend));
}

/** The backend that was tried first, which is the one that was chosen but where it had no room left. */
export function chosenIn({ attempts }: RequestRecord): string | null {
  return attempts.find(({ kind }) => kind === "first")?.backend ?? attempts[0]?.backend ?? null;
}

/** What the answer was charged for; undefined where there was none. */
export const answerIn = ({ ledger }: RequestRecord): LedgerLine | undefined =>
  ledger.find(({ kind }) => kind === "answer");
