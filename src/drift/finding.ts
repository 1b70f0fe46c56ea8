import type { DriftFinding } from "../table/index.ts";

/** What is said of one series: its form is the report's, which others read without this room. */
export type SeriesFinding = DriftFinding;

export interface DriftFindings {
  /** The gravest first: drifted, then insufficient, then ok; then by how far beyond the threshold. */
  series: readonly SeriesFinding[];
}

/** What a route tolerates, in whole per cents. */
export interface RouteBounds {
  distancePercent: number;
  p50Percent: number;
  p95Percent: number;
  /** Of the baseline's correctness, what has to be kept; null: the route names no floor. */
  floorPercent: number | null;
}
