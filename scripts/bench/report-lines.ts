// The report for people, on a terminal.
import type { BenchReport } from "./bench-report.ts";
import type { ContenderReport, Spread } from "./report.ts";

type Column = readonly [
  heading: string,
  read: (report: ContenderReport) => Spread | null | undefined,
  digits: number,
];

const whole: readonly Column[] = [
  ["req/s", ({ perSecond }) => perSecond, 0],
  ["CPU µs", ({ cpuMicrosPerRequest }) => cpuMicrosPerRequest, 0],
  ["core %", ({ busy }) => scaled(busy, 100), 0],
  ["RSS MB", ({ rssMb }) => rssMb, 0],
  ["c=1 p50", ({ singleP50Ms }) => singleP50Ms, 2],
  ["1/10 p50", ({ tenthP50Ms }) => tenthP50Ms, 2],
  ["1/10 p99", ({ tenthP99Ms }) => tenthP99Ms, 2],
  ["spans", ({ spansPerRequest }) => spansPerRequest, 2],
  ["records", ({ recordsPerRequest }) => recordsPerRequest, 2],
];

const streamed: readonly Column[] = [
  ["streams/s", ({ streams }) => streams?.perSecond, 0],
  ["CPU µs", ({ streams }) => streams?.cpuMicrosPerStream, 0],
  ["1st p50", ({ streams }) => streams?.firstByteP50Ms, 2],
  ["1st p99", ({ streams }) => streams?.firstByteP99Ms, 2],
  ["gap p50", ({ streams }) => streams?.gapP50Ms, 3],
  ["gap p99", ({ streams }) => streams?.gapP99Ms, 3],
  ["c=1 1st", ({ streams }) => streams?.singleFirstByteP50Ms, 2],
  ["c=1 gap", ({ streams }) => streams?.singleGapP50Ms, 3],
];

const scaled = ({ median, min, max }: Spread, by: number): Spread => ({
  median: median * by,
  min: min * by,
  max: max * by,
});

/** The median, and beside it the least and the most where there was more than one round. */
function cell(spread: Spread | null | undefined, digits: number): string {
  if (!spread) return "–";
  const [median = "", min = "", max = ""] = [spread.median, spread.min, spread.max].map((value) =>
    value.toFixed(digits),
  );
  return min === max ? median : `${median} ${min}..${max}`;
}

function rows(heading: string, columns: readonly Column[], report: BenchReport): string[] {
  const head = [heading, ...columns.map(([name]) => name)];
  const lines = Object.entries(report.contenders).map(([name, each]) => [
    name,
    ...columns.map(([, read, digits]) => cell(read(each), digits)),
  ]);
  return ["", ...aligned([head, ...lines])];
}

function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines.map(([name = "", ...cells]) =>
    [
      name.padEnd(widths[0] ?? 0),
      ...cells.map((each, column) => each.padStart(widths[column + 1] ?? 0)),
    ].join("  "),
  );
}

function comparisonLines(report: BenchReport): string[] {
  const found = Object.entries(report.spreads).map(([name, spread]) => [
    `  ${name}`,
    cell(spread, spread.median < 10 ? 3 : 1),
  ]);
  const missing = Object.entries(report)
    .filter(([name]) => name.endsWith("_error"))
    .map(([name, reason]) => `  ${name.slice(0, -"_error".length)}: none, ${String(reason)}`);
  return ["", "Compared:", ...aligned(found), ...missing];
}

/** Below it something else than the gateway was the limit. */
const saturated = 0.9;

/** What makes the figures doubtful. */
function warningLines({ contenders, problems }: BenchReport): string[] {
  const troubled = Object.entries(problems).map(([name, problem]) => `  ${name}: ${problem}`);
  const idle = Object.entries(contenders).filter(([, { busy }]) => busy.median < saturated);
  return [
    ...troubled,
    ...idle.map(
      ([name, { busy }]) =>
        `  ${name} used ${(busy.median * 100).toFixed(0)} % of its core: it could do more, so trust ratios by CPU alone`,
    ),
  ];
}

export function reportLines(report: BenchReport): string[] {
  const { date, machine, rounds, seconds } = report;
  return [
    "",
    `${date}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)}: ${rounds} rounds of ${seconds} s; median min..max`,
    ...rows("whole", whole, report),
    ...rows("streamed", streamed, report),
    ...comparisonLines(report),
    ...warningLines(report),
  ];
}
