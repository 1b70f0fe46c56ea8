// The report of a run of the bench, as it is written for programs and for the README.
import { arch, cpus, loadavg } from "node:os";
import type { Beginnings } from "./beginnings.ts";
import type { Choices } from "./choices.ts";
import { compare, type Compared, type ComparisonName, type Round } from "./comparisons.ts";
import type { Contender } from "./contenders/contender.ts";
import type { Reservations } from "./reservations.ts";
import { contenderReport, type ContenderReport, type Spread } from "./report.ts";

interface Run {
  rounds: readonly Round[];
  problems: Readonly<Record<string, string>>;
  contenders: readonly Contender[];
  /** Of each measurement. */
  seconds: number;
  /** Undefined where nothing of the router was to be measured. */
  beginnings: Beginnings | undefined;
  reservations: Reservations | undefined;
  choices: Choices | undefined;
}

type FigureName = ComparisonName | keyof Beginnings | keyof Reservations | keyof Choices | "rssMb";

/** Medians; null has its reason beside it. */
type Medians = { [name in FigureName]: number | null } & {
  [name in FigureName as `${name}_error`]?: string;
};

export interface BenchReport extends Medians {
  date: string;
  machine: { cpu: string; cores: number; architecture: string; node: string; load: number };
  rounds: number;
  seconds: number;
  /** Of what has a median above. */
  spreads: Readonly<Record<string, Spread>>;
  contenders: Readonly<Record<string, ContenderReport>>;
  problems: Readonly<Record<string, string>>;
}

/** @param run with the time of each measurement */
export function benchReport(run: Run): BenchReport {
  const { rounds, problems, contenders, seconds } = run;
  const reports = Object.fromEntries(
    contenders.flatMap(({ name, title }) => {
      const measured = rounds.map((round) => round[name]).filter((each) => each !== undefined);
      return measured.length === 0 ? [] : [[name, contenderReport(title, measured)]];
    }),
  );
  const compared: Readonly<Record<FigureName, Compared>> = {
    ...compare(rounds, problems),
    rssMb: reports["whole"]?.rssMb ?? { missing: problems["whole"] ?? "whole was not measured" },
    ...(run.beginnings ?? unbegun),
    ...(run.reservations ?? unreserved),
    ...(run.choices ?? unchosen),
  };
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    rounds: rounds.length,
    seconds,
    ...medians(compared),
    spreads: Object.fromEntries(Object.entries(compared).filter(([, each]) => "median" in each)),
    contenders: reports,
    problems,
  } as BenchReport;
}

const unmeasured: Compared = { missing: "the router was not measured" };

const unbegun: Readonly<Record<keyof Beginnings, Compared>> = {
  coldStartMs: unmeasured,
  tableLoadStallMs: unmeasured,
  tableEditStallMs: unmeasured,
};

const unreserved: Reservations = {
  reserveMemoryP50Us: unmeasured,
  reserveMemoryP99Us: unmeasured,
  reserveRedisP50Ms: unmeasured,
  reserveRedisP99Ms: unmeasured,
};

const unchosen: Choices = {
  choicePlannedP50Us: unmeasured,
  choicePlannedP99Us: unmeasured,
  choiceByTierP50Us: unmeasured,
  choiceByTierP99Us: unmeasured,
};

/** More digits than these are noise. */
const digits = 4;

export const reportJson = (report: BenchReport): string =>
  `${JSON.stringify(
    report,
    (_name, value: unknown) =>
      typeof value === "number" ? Number(value.toPrecision(digits)) : value,
    2,
  )}\n`;

function medians(compared: Readonly<Record<string, Compared>>): Record<string, unknown> {
  const entries = Object.entries(compared).flatMap(([name, each]): [string, unknown][] =>
    "median" in each
      ? [[name, each.median]]
      : [
          [name, null],
          [`${name}_error`, each.missing],
        ],
  );
  return Object.fromEntries(entries);
}

function machine(): BenchReport["machine"] {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    architecture: arch(),
    node: process.version,
    load: loadavg()[0] ?? 0,
  };
}
