import { look, type AccuracyLabel, type SeriesFinding } from "../../src/drift/index.ts";
import { seededRandom, type Random } from "../../src/lib/index.ts";
import { normal } from "./draw.ts";
import { day, daysFrom, key, usualDays, watchedRoutes } from "./world.ts";

/** Labels that come evenly, until one day on which answers become worse. */
export interface AccuracyWorld {
  /** Labels a day. */
  rate: number;
  before: number;
  after: number;
  source: AccuracyLabel["source"];
  /** How many prompts a golden set has; 0: no prompt comes twice. */
  prompts: number;
  /** Standard deviation of a day's accuracy: what is asked differs from day to day. */
  daySd: number;
}

const usualAccuracy: AccuracyWorld = {
  rate: 200,
  before: 0.9,
  after: 0.85,
  source: "feedback",
  prompts: 0,
  daySd: 0,
};

/** How often an answer to one prompt is right: most always or never, as temperatures are low. */
const promptChance = (prompt: number, prompts: number, mean: number): number => {
  const place = (prompt + 0.5) / prompts;
  return place < mean - 0.1 ? 1 : Math.max(0, Math.min(1, 1 - (place - mean + 0.1) / 0.2));
};

function drawLabel(
  world: AccuracyWorld,
  count: number,
  mean: number,
  random: Random,
): AccuracyLabel {
  const { rate, source, prompts } = world;
  const prompt = prompts === 0 ? count : count % prompts;
  const chance = prompts === 0 ? mean : promptChance(prompt, prompts, mean);
  return {
    key,
    ts: Math.floor((count * day) / rate),
    score: random() < chance ? 1 : 0,
    source,
    promptId: `p${prompt}`,
    baselineScore: null,
  };
}

/**
 * Labels after the change until a look finds it, by looks that come every `step` labels, each with the
 * last 31 days; Infinity where `most` do not suffice.
 */
export function labelsUntilFound(
  given: Partial<AccuracyWorld>,
  step: number,
  most: number,
  random: Random,
): number {
  const world = { ...usualAccuracy, ...given };
  const first = usualDays * world.rate;
  const days = Array.from(
    { length: Math.ceil((first + most) / world.rate) },
    () => world.daySd * normal(random),
  );
  const labels = Array.from({ length: first + most }, (_, count) => {
    const mean = count >= first ? world.after : world.before;
    return drawLabel(world, count, mean + (days[Math.floor(count / world.rate)] ?? 0), random);
  });
  for (let seen = step; seen <= most; seen += step) {
    if (lookAtLabels(labels.slice(0, first + seen), world.rate)?.state === "drifted") return seen;
  }
  return Infinity;
}

function lookAtLabels(labels: readonly AccuracyLabel[], rate: number): SeriesFinding | undefined {
  const newest = Math.ceil(labels.length / rate);
  const windows = daysFrom(newest - usualDays, usualDays);
  const recent = labels.slice((newest - usualDays) * rate);
  return look({
    windows,
    bounds: watchedRoutes,
    distributions: [],
    shares: [],
    mixes: [],
    labels: recent,
  }).series[0];
}

export function medianLabels(
  given: Partial<AccuracyWorld>,
  runs: number,
  step: number,
  seed: number,
): number {
  const random = seededRandom(seed);
  const found = Array.from({ length: runs }, () => labelsUntilFound(given, step, 5_000, random));
  return found.toSorted((left, right) => left - right)[Math.floor(runs / 2)] ?? Infinity;
}
