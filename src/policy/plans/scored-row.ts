import type { EvidenceRow } from "../../records/index.ts";

/** A request as a plan sees it: by candidate, the baseline last. */
export interface ScoredRow {
  ts: number;
  tenant: string | null;
  planDigest: string | null;
  /** Whether no plan had a say in who served it: before there was one, or by the draw of the control arm. */
  isUnplanned: boolean;
  isControl: boolean;
  /** Probability of a correct answer; −∞ of what the router would not have chosen. */
  correct: Float64Array;
  costUsd: Float64Array;
  /** The place of the candidate that answered; −1 where it is none of them. */
  served: number;
}

/** A prompt that more than one candidate answered, and whose answers were judged alike. */
export interface LabelledRow extends ScoredRow {
  source: "golden" | "shadow";
  /** By candidate, 0 to 1; NaN where nobody judged it. */
  scores: Float64Array;
}

export interface Eyes {
  /** The candidates that a plan may choose, the baseline last. */
  candidates: readonly string[];
  /** Digest of the classifier: what another one believed says nothing of this one's choices. */
  model: string;
}

/** The request with what the router could have chosen; undefined where a plan would not have chosen at all. */
export function scoreRow(row: EvidenceRow, { candidates, model }: Eyes): ScoredRow | undefined {
  if (row.classifierDigest !== model) return undefined;
  const { correct, costUsd } = beliefsOf(row, candidates);
  if (correct.at(-1) === -Infinity) return undefined;
  const served = row.chosen === null ? -1 : candidates.indexOf(row.chosen);
  const { ts, tenant, planDigest, arm } = row;
  const isControl = arm === "control";
  const isUnplanned = planDigest === null || isControl;
  return { ts, tenant, planDigest, isUnplanned, isControl, correct, costUsd, served };
}

/**
 * What the router chose among: the baseline alone where it knew nothing of the request. Of those outside of
 * the envelope it may put another in their place, but none that it judges worse.
 */
function beliefsOf(
  { options, isFamiliar }: EvidenceRow,
  candidates: readonly string[],
): Pick<ScoredRow, "correct" | "costUsd"> {
  const correct = new Float64Array(candidates.length).fill(-Infinity);
  const costUsd = new Float64Array(candidates.length);
  for (const { backend, p, expectedCostUsd } of options) {
    const place = candidates.indexOf(backend);
    if (place < 0 || p === null || expectedCostUsd === null) continue;
    costUsd[place] = expectedCostUsd;
    const isBaseline = place === candidates.length - 1;
    if (isBaseline || isFamiliar) correct[place] = p;
  }
  return { correct, costUsd };
}

/** Whether somebody asked for it: replays, shadows and judges' questions are no traffic. */
export const isTraffic = ({ arm }: EvidenceRow): boolean => arm === null || arm === "control";

/**
 * The prompts of which answers were compared, oldest first. The answers to one prompt of a golden set
 * come in requests of their own, which are put together here; of a set that was replayed again the latest
 * answers count.
 */
export function labelledRows(rows: readonly EvidenceRow[], eyes: Eyes): LabelledRow[] {
  const byPrompt = new Map<string, LabelledRow>();
  // Later rows write over earlier ones; the ids make the order of equal times the same everywhere.
  for (const row of rows.filter(hasLabels).toSorted(byTime)) {
    for (const source of comparing) {
      const id = `${source}:${row.promptId}`;
      const labelled = withLabels(row, source, byPrompt.get(id), eyes);
      if (labelled !== undefined) byPrompt.set(id, labelled);
    }
  }
  return [...byPrompt.values()].toSorted((left, right) => left.ts - right.ts);
}

/** Most requests have none, and to go on with those takes long. */
const hasLabels = ({ labels }: EvidenceRow): boolean => labels.length > 0;

/** Who judges more than one answer to a prompt, and alike. */
const comparing = ["golden", "shadow"] as const;

function withLabels(
  row: EvidenceRow,
  source: LabelledRow["source"],
  known: LabelledRow | undefined,
  eyes: Eyes,
): LabelledRow | undefined {
  const labels = row.labels.filter((label) => label.source === source);
  const scored = labels.length === 0 ? undefined : scoreRow(row, eyes);
  if (scored === undefined) return undefined;
  const scores = known?.scores ?? new Float64Array(eyes.candidates.length).fill(Number.NaN);
  for (const { backend, score } of labels) {
    const place = eyes.candidates.indexOf(backend);
    if (place >= 0) scores[place] = score;
  }
  return { ...scored, source, scores };
}

export function byTime(left: EvidenceRow, right: EvidenceRow): number {
  if (left.ts !== right.ts) return left.ts - right.ts;
  return left.requestId < right.requestId ? -1 : 1;
}
