import { availableParallelism, loadavg } from "node:os";
import { distributionOf, type Distribution } from "../../../support/distribution.ts";
import type { EditTimes } from "./measure-edit.ts";
import type { ProcessUsage } from "../../../support/process-usage.ts";
import { judgeTargets, targetLine, type JudgedTarget } from "./targets.ts";

/** What was measured over a number of edits. */
export interface Run {
  routes: number;
  routers: number;
  times: EditTimes[];
  /** What each edit had written, as counts by kind in JSON, and of how many edits that is true. */
  writes: Record<string, number>;
  /** Of the operator first, then of each router: before the first edit and after the last. */
  usage: { before: ProcessUsage[]; after: ProcessUsage[] };
  /** Of the operator in reconciles, waiting for the API server included. */
  reconcileMs: number;
}

export interface Report {
  date: string;
  cores: number;
  load: number;
  routes: number;
  routers: number;
  edits: number;
  milliseconds: Record<keyof EditTimes | "loaded", Distribution>;
  reconcileMsPerEdit: number;
  processes: { name: string; cpuMsPerEdit: number; rssMiB: number; peakRssMiB: number }[];
  writes: Record<string, number>;
  targets: JudgedTarget[];
}

export function reportOf(run: Run): Report {
  const figures = figuresOf(run);
  return { ...figures, targets: judgeTargets(figures) };
}

function figuresOf(run: Run): Omit<Report, "targets"> {
  const { routes, routers, times, writes, usage, reconcileMs } = run;
  const edits = times.length;
  const over = (what: keyof EditTimes) => distributionOf(times.map((each) => each[what]));
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    routes,
    routers,
    edits,
    milliseconds: {
      published: over("published"),
      served: over("served"),
      acknowledged: over("acknowledged"),
      loaded: distributionOf(times.map(({ served, published }) => served - published)),
    },
    reconcileMsPerEdit: reconcileMs / edits,
    processes: usage.after.map(({ cpuMs, rssMiB, peakRssMiB }, index) => ({
      name: index === 0 ? "operator" : `router-${index - 1}`,
      cpuMsPerEdit: (cpuMs - (usage.before[index]?.cpuMs ?? 0)) / edits,
      rssMiB,
      peakRssMiB,
    })),
    writes,
  };
}

const words: Readonly<Record<string, string | undefined>> = {
  published: "the pointer names the new table",
  served: "every router serves it",
  acknowledged: "every router's Lease says so",
  loaded: "from the pointer to every router",
};

/** For people, on a terminal. */
export function reportLines(report: Report): string[] {
  const { date, cores, load, routes, routers, edits } = report;
  const heading = ["min", "p50", "p90", "p99", "max"].map((name) => name.padStart(7)).join("");
  const row = ([what = "", figures]: [string | undefined, Distribution]) =>
    `  ${what.padEnd(38)}${Object.values(figures)
      .map((value: number) => value.toFixed(0).padStart(7))
      .join("")}`;
  return [
    `${date}, ${cores} cores that everything here shares, load ${load.toFixed(1)}: ${routes} routes, ${routers} routers, ${edits} edits`,
    `milliseconds after the edit was taken   ${heading}`,
    ...Object.entries(report.milliseconds).map(([what, figures]) => row([words[what], figures])),
    ...report.processes.map(
      ({ name, cpuMsPerEdit, rssMiB, peakRssMiB }) =>
        `${name}: ${cpuMsPerEdit.toFixed(0)} ms of CPU an edit, RSS ${rssMiB.toFixed(0)} MiB, at most ${peakRssMiB.toFixed(0)}`,
    ),
    `operator in reconciles: ${report.reconcileMsPerEdit.toFixed(0)} ms an edit, waiting included`,
    ...Object.entries(report.writes).map(([what, times]) => `written by ${times} edits: ${what}`),
    ...report.targets.map(targetLine),
  ];
}
