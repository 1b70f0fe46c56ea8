import type { Query } from "./query.ts";

/** Grafana's names of units. */
export type Unit =
  | "reqps"
  | "percentunit"
  | "s"
  | "currencyUSD"
  | "short"
  | "none"
  | "ops"
  | "dtdurations";

export interface Step {
  color: "green" | "yellow" | "orange" | "red" | "text";
  /** From which value on; absent of the first. */
  from?: number;
}

interface Shown {
  title: string;
  /** What it shows, and what to do where it looks bad. */
  description: string;
  unit: Unit;
  /** The alert whose runbook says more. */
  runbook?: string;
  /** Of 24 columns. */
  width?: number;
  steps?: readonly Step[];
}

interface Timeseries extends Shown {
  kind: "timeseries";
  queries: readonly Query[];
  stacked?: boolean;
  /** Whether it may fall below zero. */
  signed?: boolean;
  max?: number;
}

interface Stat extends Shown {
  kind: "stat";
  queries: readonly [Query];
}

interface Heatmap extends Shown {
  kind: "heatmap";
  queries: readonly [Query];
}

export interface Column extends Query {
  /** Stands above it. */
  name: string;
  unit: Unit;
}

interface Table extends Omit<Shown, "unit"> {
  kind: "table";
  /** The label whose values are the rows, and what stands above it. */
  rows: { label: string; name: string };
  queries: readonly Column[];
}

export type Panel = Timeseries | Stat | Heatmap | Table;

export interface Row {
  title: string;
  panels: readonly Panel[];
  /** Folded up until somebody looks. */
  collapsed?: boolean;
}

export interface Dashboard {
  /** Part of its address, and its file's name. */
  uid: string;
  title: string;
  description: string;
  /** Variables besides the source of data and the namespace. */
  choices: readonly ("route" | "backend" | "tenant")[];
  rows: readonly Row[];
}

/** Green, and from these values on yellow and red. */
export const rising = (yellow: number, red: number): readonly Step[] => [
  { color: "green" },
  { color: "yellow", from: yellow },
  { color: "red", from: red },
];

/** Green from this value on, red below it. */
export const atLeast = (from: number): readonly Step[] => [
  { color: "red" },
  { color: "green", from },
];

/** Green below this value, red from it on. */
export const below = (from: number): readonly Step[] => [
  { color: "green" },
  { color: "red", from },
];

/** Red, and from these values on yellow and green. */
export const falling = (yellow: number, green: number): readonly Step[] => [
  { color: "red" },
  { color: "yellow", from: yellow },
  { color: "green", from: green },
];
