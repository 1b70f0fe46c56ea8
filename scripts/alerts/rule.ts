import type { Threshold } from "./thresholds.ts";

/** How soon it tells of trouble: windows of one and five minutes, of hours, or of days. */
export type Tier = "fast" | "slow" | "ticket";

export interface Recording {
  record: string;
  expr: string;
  labels?: Readonly<Record<string, string>>;
}

export interface Alert {
  alert: string;
  tier: Tier;
  /** Whether it wakes somebody. */
  severity: "page" | "ticket";
  expr: string;
  /** How long it must hold, as in "5m"; absent: it fires at once. */
  for?: string;
  /** How long it stays after it no longer holds, so that it does not flap. */
  keepFiringFor?: string;
  /** Tells rules of one alert apart that may fire at the same time. */
  labels?: Readonly<Record<string, string>>;
  /** One line for whoever is woken. Go templates, as in `{{ $labels.switchyard_route }}`. */
  summary: string;
  /** What was found, in figures. */
  description: string;
}

/** Rules that are evaluated one after the other, so that an alert sees what was just recorded. */
export interface Group {
  name: string;
  /** Absent: Prometheus' own. */
  interval?: string;
  recordings: readonly Recording[];
  alerts: readonly Alert[];
}

/** Stands for a person's value in rules until it is put in. */
export const threshold = (name: Threshold): string => `\${${name}}`;
