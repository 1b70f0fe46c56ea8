import {
  look,
  type AccuracyLabel,
  type DistributionSeries,
  type SeriesFinding,
} from "../../src/drift/index.ts";
import { seededRandom, type Random } from "../../src/lib/index.ts";
import { day, daysFrom, key, usualDays, watchedRoutes } from "./world.ts";

/** A day's weather: eight standardised measurements, and whether it rained. */
export interface WeatherDay {
  features: readonly number[];
  rained: boolean;
}

/** The publishers of the data say that its concept changes here and stays so. */
const changedRow = 12_000;
/** The model learns from these, and is watched from there. */
const trainedRows = 4_000;
/** So many days of weather stand for a day of traffic: a season in each would be drift of its own. */
const rowsPerWindow = 365;

export const readWeather = (csv: string): WeatherDay[] =>
  csv
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const values = line.split(",").slice(1).map(Number);
      return { features: values.slice(0, 8), rained: values[8] === 1 };
    });

/** What a model said of a day. */
interface Answer {
  isRight: boolean;
  confidence: number;
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** A few measurements lie 90 deviations off. */
const tame = (features: readonly number[]): number[] => [
  1,
  ...features.map((value) => Math.max(-4, Math.min(4, value))),
];

/** Logistic regression by gradient descent. */
function train(days: readonly WeatherDay[]): (features: readonly number[]) => number {
  const inputs = days.map(({ features }) => tame(features));
  const weights = new Float64Array(9);
  const score = (input: readonly number[]) =>
    input.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0);
  for (let step = 0; step < 400; step += 1) {
    const gradient = new Float64Array(9);
    for (const [row, input] of inputs.entries()) {
      const error = sigmoid(score(input)) - (days[row]?.rained === true ? 1 : 0);
      for (const [index, value] of input.entries())
        gradient[index] = (gradient[index] ?? 0) + error * value;
    }
    for (const [index, slope] of gradient.entries())
      weights[index] = (weights[index] ?? 0) - slope / days.length;
  }
  return (features) => sigmoid(score(tame(features)));
}

export interface Rainfall {
  /** Accuracy on the days after training up to the change, and from there on. */
  before: number;
  after: number;
  /** Looks before the change, 100 rows apart, and those that were alarmed. */
  looksBefore: number;
  alarmsBefore: number;
  /** Of the same days in an order drawn by chance: in so many. */
  shuffles: number;
  alarmsShuffled: number;
  /** Labels after the change until a look found it, a look every 25. */
  labelsUntilFound: number;
  /** Which row the finding calls the change. */
  datedRow: number | null;
  /** The same by the model's confidence alone, without labels: the windows until found. */
  windowsUntilEstimated: number | null;
}

export function lookAtRainfall(days: readonly WeatherDay[]): Rainfall {
  const believe = train(days.slice(0, trainedRows));
  const answers = days.map(({ features, rained }): Answer => {
    const chance = believe(features);
    return { isRight: chance > 0.5 === rained, confidence: Math.max(chance, 1 - chance) };
  });
  const share = (from: number, to: number) =>
    answers.slice(from, to).filter(({ isRight }) => isRight).length / (to - from);
  const quiet = answers.slice(0, changedRow);
  const looks = rowsFrom(trainedRows + 16 * rowsPerWindow, changedRow, 100);
  const alarms = (all: readonly Answer[]) =>
    looks.filter((end) => lookBefore(all, end)?.state === "drifted").length;
  const random = seededRandom(1);
  const shuffled = Array.from({ length: 20 }, () => alarms(shuffle(quiet, random)));
  const found = rowsFrom(changedRow + 25, days.length, 25).find(
    (end) => lookBefore(answers, end)?.state === "drifted",
  );
  const datedAt = found === undefined ? null : (lookBefore(answers, found)?.changedAt ?? null);
  return {
    before: share(trainedRows, changedRow),
    after: share(changedRow, days.length),
    looksBefore: looks.length,
    alarmsBefore: alarms(answers),
    shuffles: shuffled.length,
    alarmsShuffled: shuffled.reduce((sum, count) => sum + count, 0),
    labelsUntilFound: (found ?? Infinity) - changedRow,
    datedRow: datedAt === null ? null : Math.round((datedAt / day) * rowsPerWindow),
    windowsUntilEstimated: windowsUntilEstimated(answers),
  };
}

const rowsFrom = (from: number, to: number, step: number): number[] =>
  Array.from(
    { length: Math.max(0, Math.floor((to - from) / step) + 1) },
    (_, index) => from + index * step,
  );

function shuffle(answers: readonly Answer[], random: Random): Answer[] {
  const rest = answers.slice(trainedRows);
  for (let last = rest.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [one, two] = [rest[last], rest[other]];
    if (one !== undefined && two !== undefined) [rest[last], rest[other]] = [two, one];
  }
  return [...answers.slice(0, trainedRows), ...rest];
}

/** What a look says that knows the rows before one, as far as the model did not learn from them. */
function lookBefore(answers: readonly Answer[], end: number): SeriesFinding | undefined {
  const count = Math.min(usualDays, Math.floor((end - trainedRows) / rowsPerWindow));
  const first = end / rowsPerWindow - count;
  const windows = daysFrom(first, count);
  const from = end - count * rowsPerWindow;
  const labels = answers.slice(from, end).map(({ isRight }, index): AccuracyLabel => ({
    key,
    ts: Math.ceil(((from + index) * day) / rowsPerWindow),
    score: isRight ? 1 : 0,
    source: "feedback",
    promptId: `row-${from + index}`,
    baselineScore: null,
  }));
  return look({ windows, bounds: watchedRoutes, distributions: [], shares: [], mixes: [], labels })
    .series[0];
}

const confidenceBounds = Array.from({ length: 11 }, (_, index) => 0.5 + index / 20);

function windowsUntilEstimated(answers: readonly Answer[]): number | null {
  const last = Math.floor((answers.length - changedRow) / rowsPerWindow);
  for (let after = 1; after <= last; after += 1) {
    const end = changedRow + after * rowsPerWindow;
    const count = Math.min(usualDays, Math.floor((end - trainedRows) / rowsPerWindow));
    const windows = daysFrom(100, count);
    const series: DistributionSeries = {
      key,
      signal: "confidence",
      windows: windows.map((_, index) => {
        const from = end - (count - index) * rowsPerWindow;
        return confidenceOf(answers.slice(from, from + rowsPerWindow));
      }),
    };
    const findings = look({
      windows,
      bounds: watchedRoutes,
      distributions: [series],
      shares: [],
      mixes: [],
      labels: [],
    }).series;
    if (findings.some(({ state }) => state === "drifted")) return after;
  }
  return null;
}

function confidenceOf(answers: readonly Answer[]): {
  bounds: readonly number[];
  counts: readonly number[];
  sum: number;
} {
  const counts = Array.from({ length: confidenceBounds.length + 1 }, () => 0);
  for (const { confidence } of answers) {
    const bucket = confidenceBounds.findIndex((bound) => confidence <= bound);
    const place = bucket < 0 ? confidenceBounds.length : bucket;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const sum = answers.reduce((total, { confidence }) => total + confidence, 0);
  return { bounds: confidenceBounds, counts, sum };
}
