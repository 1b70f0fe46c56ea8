import type { Figures } from "./figures.ts";
import type { Compared, JudgedTarget, Report } from "./report.ts";

const words: Readonly<Record<keyof Compared, string>> = {
  quiet: "quiet, protected",
  slow: "slow, protected",
  unprotected: "slow, unprotected",
};

const columns: readonly [heading: string, of: (figures: Figures) => string][] = [
  ["requests", ({ requests }) => String(requests)],
  ["errors", ({ errors }) => String(errors)],
  ["p50 ms", ({ firstByteMs }) => firstByteMs.p50.toFixed(0)],
  ["p90 ms", ({ firstByteMs }) => firstByteMs.p90.toFixed(0)],
  ["p99 ms", ({ firstByteMs }) => firstByteMs.p99.toFixed(0)],
  ["max ms", ({ firstByteMs }) => firstByteMs.max.toFixed(0)],
  ["late %", ({ slowCallsPercent }) => slowCallsPercent.toFixed(1)],
  ["hedged %", ({ hedgedPercent }) => hedgedPercent.toFixed(1)],
  ["after ms", ({ hedgedAfterMs }) => hedgedAfterMs?.toFixed(0) ?? "–"],
  ["won %", ({ hedgesWonPercent }) => hedgesWonPercent.toFixed(1)],
  ["denied %", ({ hedgesDeniedPercent }) => hedgesDeniedPercent.toFixed(1)],
  ["mUSD each", ({ cost }) => (cost.cancelledUnbilled * 1_000).toFixed(4)],
];

const width = 10;
const indent = 20;

/** For people, on a terminal. */
export function reportLines(report: Report): string[] {
  const { date, cores, load, scale, lateByMs, usualFirstTokenMs } = report;
  const heading = columns.map(([name]) => name.padStart(width)).join("");
  const real = (ms: number) => `${ms} ms as ${(ms / scale).toFixed(0)} ms`;
  return [
    `${date}, ${cores} cores that everything here shares, load ${load.toFixed(1)}`,
    `${report.slowPercent} % of the primary's calls come late; everything ${scale} times quicker than that week:`,
    `the delay of ${real(lateByMs)}, the usual first token of ${real(usualFirstTokenMs)}`,
    `${"client's first byte".padEnd(indent)}${heading}`,
    ...(["quiet", "slow", "unprotected"] as const).map((name) => rowOf(name, report)),
    `extra cost with the input of cancelled calls billed: ${report.extraCostWithCancelledBilledPercent.toFixed(1)} %`,
    ...report.targets.map(targetLine),
  ];
}

function rowOf(name: keyof Compared, { setups }: Report): string {
  const cells = columns.map(([, of]) => of(setups[name]).padStart(width));
  return words[name].padEnd(indent) + cells.join("");
}

const targetLine = ({ name, limit, measured, met }: JudgedTarget): string =>
  `target ${met ? "met" : "MISSED"}: ${name} ${limit}: ${Number(measured.toFixed(3))}`;
