import type { SeriesFinding } from "../finding.ts";
import { soundCount } from "../histogram.ts";
import type { ShareSeries, Window } from "../series.ts";
import { guessCause } from "./cause.ts";
import { changePoint, type Dated } from "./change-point.ts";
import type { Beside } from "./distribution-judgement.ts";
import { nothing, windowsSince, type Judgement } from "./judgement.ts";
import { judgeShares, shareOf, type ShareVerdict, type Tally } from "./share.ts";

const longestCategory = 128;

export function shareJudgement(
  { key, signal, windows: counts }: ShareSeries,
  { windows, mixes, standing }: Pick<Beside, "windows" | "mixes" | "standing">,
): Judgement {
  const found = judgeShares(counts, windows, standing);
  if ("missing" in found) return nothing(key, signal, newestCount(counts), found.missing);
  const { verdict, history, category } = found;
  const changedAt = verdict.exceeds ? (standing ?? dateShareChange(found, windows)) : null;
  const after = windowsSince(history.judged, windows, changedAt);
  return {
    finding: {
      ...nothing(key, signal, Math.round(found.current.n), "").finding,
      statistic: "share",
      category: category.slice(0, longestCategory),
      score: verdict.difference,
      threshold: verdict.threshold,
      direction: verdict.direction,
      pValue: found.pValue,
      changedAt,
      cause: verdict.exceeds ? guessCause(mixes, signal, history.reference, after) : null,
      reference: shareSummary(found.reference),
      current: shareSummary(found.current),
    },
    exceeds: verdict.exceeds,
    isCurrent: history.isCurrent,
    missing: null,
    isTested: true,
  };
}

const newestCount = (counts: ShareSeries["windows"]): number =>
  Math.round(Object.values(counts.at(-1) ?? {}).reduce((sum, count) => sum + soundCount(count), 0));

export const shareSummary = (tally: Tally): SeriesFinding["reference"] => ({
  p50: null,
  p95: null,
  share: Math.min(1, shareOf(tally)),
  n: Math.round(tally.n),
});

export function dateShareChange(
  { history, shares }: ShareVerdict,
  windows: readonly Window[],
): number | null {
  return changePoint(
    [...history.reference, ...history.judged].map((index): Dated => ({
      from: windows[index]?.from ?? 0,
      value: shares.get(index) ?? 0,
    })),
  );
}
