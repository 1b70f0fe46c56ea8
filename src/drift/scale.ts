import type { DistributionSignal } from "./series.ts";

/** How far apart two values of a signal are: by their ratio, or by their difference. */
export interface Scale {
  /** Of values above 0 only, where places are logarithms. */
  place: (value: number) => number;
  value: (place: number) => number;
  /** What people are told of a distance between places: 0.25 is a quarter more. */
  change: (distance: number) => number;
  /** The distance that a share of change means. */
  distance: (change: number) => number;
  /** No bound beyond these divides anything that anybody measures. */
  least: number;
  most: number;
  /** The direction that hurts. */
  worse: "up" | "down";
}

const byRatio: Scale = {
  place: Math.log,
  value: Math.exp,
  change: Math.expm1,
  distance: Math.log1p,
  least: 1e-12,
  most: 1e12,
  worse: "up",
};

/** From 90 to 80 % is as far as from 30 to 20 %: a ratio would make much of what is next to 0. */
const byDifference: Scale = {
  place: (value) => value,
  value: (place) => place,
  change: (distance) => distance,
  distance: (change) => change,
  least: -1e12,
  most: 1e12,
  worse: "down",
};

export const scaleOf = (signal: DistributionSignal): Scale =>
  signal === "confidence" ? byDifference : byRatio;
