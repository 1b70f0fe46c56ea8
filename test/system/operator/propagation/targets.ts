import type { Distribution } from "../../../support/distribution.ts";

/** One of the project's targets, and how a run stands to it. */
export interface JudgedTarget {
  name: string;
  unit: string;
  /** What is measured must be below it. */
  below: number;
  measured: number;
  met: boolean;
}

/** What targets are about, of a report. */
interface Measured {
  milliseconds: { served: Pick<Distribution, "p99"> };
  /** The operator first. */
  processes: readonly { peakRssMiB: number }[];
  writes: Readonly<Record<string, number>>;
}

interface Target extends Pick<JudgedTarget, "name" | "unit" | "below"> {
  measure: (run: Measured) => number;
}

const targets: readonly Target[] = [
  {
    name: "p99 until every router serves an edit",
    unit: "ms",
    below: 500,
    measure: ({ milliseconds }) => milliseconds.served.p99,
  },
  {
    name: "most memory that the operator ever held (RSS)",
    unit: "MB",
    below: 256,
    measure: ({ processes }) => ((processes[0]?.peakRssMiB ?? Infinity) * 2 ** 20) / 1e6,
  },
  {
    name: "edits that rewrote more than one bucket and the pointer",
    unit: "edits",
    below: 1,
    measure: ({ writes }) =>
      Object.entries(writes)
        .filter(([written]) => isMore(JSON.parse(written) as Record<string, number>))
        .reduce((sum, [, edits]) => sum + edits, 0),
  },
];

/** Statuses and Events tell of an edit; they are no part of what it rewrites. */
const telling: ReadonlySet<string> = new Set(["events", "modelroutes/status"]);
const rewritten: ReadonlySet<string> = new Set(["bucket slot", "pointer"]);

const isMore = (written: Readonly<Record<string, number>>): boolean =>
  Object.entries(written).some(
    ([what, times]) => !telling.has(what) && (times > 1 || !rewritten.has(what)),
  );

export const judgeTargets = (run: Measured): JudgedTarget[] =>
  targets.map(({ measure, ...target }) => {
    const measured = measure(run);
    return { ...target, measured, met: measured < target.below };
  });

/** For people, on a terminal. */
export const targetLine = ({ name, unit, below, measured, met }: JudgedTarget): string =>
  `target ${met ? "met" : "MISSED"}: ${name}: ${Number(measured.toFixed(1))} ${unit}, to be below ${below}`;
