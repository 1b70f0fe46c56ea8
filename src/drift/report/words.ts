import type { DriftState } from "../../table/index.ts";
import type { SeriesFinding } from "../finding.ts";
import { minute, nameOf } from "./plots.ts";

export const stateWord = (state: DriftState): string =>
  state === "ok" ? "within bounds" : state === "drifted" ? "drifted" : "too little known";

/** Three figures are as many as anybody compares. */
export const figures = (value: number): string => String(Number(value.toPrecision(3)));

/** What the cells of a series tell, in their order. */
export const seriesHead: readonly string[] = [
  "Series",
  "State",
  "Measured",
  "Score",
  "Threshold",
  "Before",
  "Now",
  "Samples",
  "Changed",
];

/** Cells of a table of series. */
export function seriesRow(finding: SeriesFinding): string[] {
  const { state, statistic, score, threshold, reference, current, samples, changedAt } = finding;
  return [
    `${nameOf(finding)}${finding.estimated ? " (estimated)" : ""}`,
    stateWord(state),
    statistic ?? "–",
    score === null ? "–" : figures(score),
    threshold === null ? "–" : figures(threshold),
    sideOf(reference),
    sideOf(current),
    String(Math.floor(samples)),
    changedAt === null ? "–" : minute(changedAt),
  ];
}

/** Median and P95, or a share. */
function sideOf(summary: SeriesFinding["reference"]): string {
  if (summary === null) return "–";
  const { p50, p95, share } = summary;
  if (share !== null) return `${figures(100 * share)} %`;
  return [p50, p95].map((value) => (value === null ? "–" : figures(value))).join(" / ");
}
