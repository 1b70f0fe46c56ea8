// What contenders are to each other, each taken within the rounds in which both were measured.
import type { Figures, Measured } from "./measure.ts";
import { spreadOf, type Spread } from "./report.ts";

/** By contender; one that failed in a round is missing there. */
export type Round = Readonly<Partial<Record<string, Figures>>>;

type Read = (figures: Figures) => number | undefined;
type Pair = readonly [over: number, under: number];

interface Comparison {
  over: string;
  under: string;
  read: Read;
  judge: (pairs: readonly Pair[]) => Spread;
}

/** The ratio of the medians; least and most within a round. */
function ratioOf(pairs: readonly Pair[]): Spread {
  const { min, max } = spreadOf(pairs.map(([over, under]) => over / under));
  const over = spreadOf(pairs.map((pair) => pair[0])).median;
  const under = spreadOf(pairs.map((pair) => pair[1])).median;
  return { median: over / under, min, max };
}

const differenceOf = (pairs: readonly Pair[]): Spread =>
  spreadOf(pairs.map(([over, under]) => over - under));

/** Whose answers a second are held against whose, under which load. */
const ratios = [
  ["transport_vs_bare", "transport", "bare", "full"],
  ["whole_vs_bare", "whole", "bare", "full"],
  ["stream_vs_bare", "whole", "bare", "streams"],
  ["whole_vs_portkey", "whole", "portkey", "full"],
  ["whole_vs_litellm", "whole", "litellm", "full"],
  ["withSafety_vs_bare", "withSafety", "bare", "full"],
] as const;

type RatioName = (typeof ratios)[number][0];

const perSecond = ({ perSecond: count }: Measured) => count;

/** What a second of CPU is enough for: what others take of the machine weighs less on it. */
const perCpuSecond = ({ cpuMicrosPerRequest }: Measured) => 1_000_000 / cpuMicrosPerRequest;

const addedBy = (read: Read): Comparison => ({
  over: "whole",
  under: "bare",
  read,
  judge: differenceOf,
});

const comparisons = Object.fromEntries<Comparison>([
  ...ratios.flatMap(([name, over, under, load]) => {
    const by = (measure: (measured: Measured) => number): Comparison => {
      const read: Read = ({ [load]: measured }) =>
        measured === null ? undefined : measure(measured);
      return { over, under, read, judge: ratioOf };
    };
    return [[name, by(perSecond)] as const, [`${name}_by_cpu`, by(perCpuSecond)] as const];
  }),
  ["addedP50Ms", addedBy(({ tenth }) => tenth.totalMs?.p50)],
  ["addedP99Ms", addedBy(({ tenth }) => tenth.totalMs?.p99)],
  ["addedFirstByteMs", addedBy(({ singleStream }) => singleStream?.firstByteMs?.p50)],
]);

export type ComparisonName =
  | RatioName
  | `${RatioName}_by_cpu`
  | "addedP50Ms"
  | "addedP99Ms"
  | "addedFirstByteMs";

/** The comparison, or why there is none. */
export type Compared = Spread | { missing: string };

/** @param problems by contender: why it could not be measured */
export function compare(
  rounds: readonly Round[],
  problems: Readonly<Partial<Record<string, string>>>,
): Record<ComparisonName, Compared> {
  const entries = Object.entries(comparisons).map(([name, comparison]): [string, Compared] => {
    const { over, under, judge } = comparison;
    const pairs = pairsOf(rounds, comparison);
    if (pairs.length > 0) return [name, judge(pairs)];
    const reason = problems[over] ?? problems[under];
    return [name, { missing: reason ?? `${over} and ${under} were not both measured` }];
  });
  return Object.fromEntries(entries) as Record<ComparisonName, Compared>;
}

function pairsOf(rounds: readonly Round[], { over, under, read }: Comparison): Pair[] {
  return rounds.flatMap((round): Pair[] => {
    const [first, second] = [round[over], round[under]].map((figures) => figures && read(figures));
    return first === undefined || second === undefined ? [] : [[first, second]];
  });
}
