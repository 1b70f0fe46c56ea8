// The README's tables of how fast the router is, from the report of a run that was kept.
import type { Beginnings } from "./beginnings.ts";
import type { BenchReport } from "./bench-report.ts";
import type { Choices } from "./choices.ts";
import type { Reservations } from "./reservations.ts";
import type { ContenderReport, Spread } from "./report.ts";

type Row = readonly string[];

export interface SpeedTables {
  /** When, and on what kind of machine. */
  measured: string;
  whole: { head: Row; rows: readonly Row[] };
  streamed: { head: Row; rows: readonly Row[] };
}

const limit = "bare";

/** A report that was kept, maybe before the bench knew of beginnings, reservations and choices. */
type KeptReport = Omit<BenchReport, LaterFigures> & Partial<Pick<BenchReport, LaterFigures>>;
type LaterFigures = keyof Beginnings | keyof Reservations | keyof Choices;

export function speedTables(report: KeptReport): SpeedTables {
  const contenders = Object.entries(report.contenders);
  const bare = report.contenders[limit];
  return {
    measured: measuredLine(report),
    whole: {
      head: ["", "requests/s", "of the limit", "CPU a request", "p50 of one caller", "RSS"],
      rows: contenders.map(([, each]) => wholeRow(each, bare)),
    },
    streamed: {
      head: [
        "",
        "streams/s",
        "of the limit",
        "first byte, one caller",
        "between parts, one caller",
      ],
      rows: contenders.flatMap(([, each]) => streamRow(each, bare)),
    },
  };
}

function measuredLine({ date, machine, rounds, seconds, ...rest }: KeptReport): string {
  const { cpu, cores, node } = machine;
  const missing = Object.keys(rest.problems).map((name) => {
    const { title, streams } = rest.contenders[name] ?? { title: name, streams: undefined };
    const [called = name] = title.split(",");
    if (streams === undefined) return ` ${called} could not be had.`;
    return ` ${called} ${streams === null ? "did not stream" : "failed in some rounds"}.`;
  });
  return (
    `Measured on ${date} by \`npm run bench\`: ${rounds} rounds of ${seconds} s, medians, on ${cores} cores of ` +
    `an ${cpu} with Node ${node.slice(1)}.${missing.join("")}${beginningsLine(rest)}${choicesLine(rest)}`
  );
}

function beginningsLine({
  coldStartMs = null,
  tableLoadStallMs = null,
  tableEditStallMs = null,
}: Partial<Pick<BenchReport, keyof Beginnings>>): string {
  if (coldStartMs === null || tableLoadStallMs === null || tableEditStallMs === null) return "";
  return (
    ` A router is ready ${coldStartMs.toFixed(0)} ms after its start. Loading a table of 2,000 routes keeps ` +
    `requests waiting for ${tableLoadStallMs.toFixed(1)} ms at most, a change of one route for ${tableEditStallMs.toFixed(1)} ms.`
  );
}

function choicesLine({
  choicePlannedP50Us = null,
  choicePlannedP99Us = null,
}: Partial<Pick<BenchReport, keyof Choices>>): string {
  if (choicePlannedP50Us === null || choicePlannedP99Us === null) return "";
  return (
    ` A choice by classifier and plan among four candidates takes ${choicePlannedP50Us.toFixed(0)} µs (p50) and ` +
    `${choicePlannedP99Us.toFixed(0)} µs (p99) for a prompt of 1,000 characters.`
  );
}

function wholeRow(of: ContenderReport, bare: ContenderReport | undefined): Row {
  return [
    of.title,
    figure(of.perSecond, 0),
    shareOf(of.perSecond, bare?.perSecond),
    `${figure(of.cpuMicrosPerRequest, 0)} µs`,
    `${figure(of.singleP50Ms, 2)} ms`,
    `${figure(of.rssMb, 0)} MB`,
  ];
}

function streamRow(of: ContenderReport, bare: ContenderReport | undefined): readonly Row[] {
  if (of.streams === null) return [];
  const { perSecond, singleFirstByteP50Ms, singleGapP50Ms } = of.streams;
  return [
    [
      of.title,
      figure(perSecond, 0),
      shareOf(perSecond, bare?.streams?.perSecond),
      `${figure(singleFirstByteP50Ms, 2)} ms`,
      gapOf(singleGapP50Ms),
    ],
  ];
}

const figure = ({ median }: Spread, digits: number): string =>
  median.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

const gapOf = (gap: Spread | null): string => (gap === null ? "–" : `${figure(gap, 2)} ms`);

function shareOf(of: Spread, whole: Spread | undefined): string {
  if (whole === undefined) return "";
  const share = of.median / whole.median;
  return share.toPrecision(2);
}
