import { availableParallelism, loadavg } from "node:os";
import type { Figures } from "./figures.ts";
import { lateByMs, slowPercent, usualFirstTokenMs } from "./that-week.ts";

/** The set-ups that are compared: nothing late; a tenth late; the same, and nothing done about it. */
export interface Compared {
  quiet: Figures;
  slow: Figures;
  unprotected: Figures;
}

export interface JudgedTarget {
  name: string;
  limit: number;
  measured: number;
  met: boolean;
}

/** What `npm run eval:slow-backend -- --json FILE` writes. docs/faults.md tells what each key means. */
export interface Report {
  date: string;
  cores: number;
  load: number;
  /** So many times quicker than that week. */
  scale: number;
  slowPercent: number;
  lateByMs: number;
  usualFirstTokenMs: number;
  p50VsQuiet: number;
  p99VsQuiet: number;
  errorPercent: number;
  extraCostPercent: number;
  extraCostWithCancelledBilledPercent: number;
  setups: Compared;
  targets: JudgedTarget[];
}

export function reportOf(setups: Compared, scale: number): Report {
  const ratios = ratiosOf(setups);
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    scale,
    slowPercent,
    lateByMs,
    usualFirstTokenMs,
    ...ratios,
    setups,
    targets: targets.map(({ measure, meets, ...target }) => {
      const measured = measure(ratios);
      return { ...target, measured, met: meets(measured, target.limit) };
    }),
  };
}

type Ratios = ReturnType<typeof ratiosOf>;

/** Who does nothing pays one call for each request: what is more is extra. */
function ratiosOf({ quiet, slow, unprotected }: Compared) {
  const extra = (usd: number, plain: number) => (usd / plain - 1) * 100;
  const plain = unprotected.cost.cancelledUnbilled;
  return {
    p50VsQuiet: slow.firstByteMs.p50 / quiet.firstByteMs.p50,
    p99VsQuiet: slow.firstByteMs.p99 / quiet.firstByteMs.p99,
    errorPercent: (slow.errors * 100) / slow.requests,
    extraCostPercent: extra(slow.cost.cancelledUnbilled, plain),
    extraCostWithCancelledBilledPercent: extra(slow.cost.cancelledBilled, plain),
  };
}

interface Target {
  name: string;
  limit: number;
  measure: (ratios: Ratios) => number;
  meets: (measured: number, limit: number) => boolean;
}

const atMost = (measured: number, limit: number): boolean => measured <= limit;
const below = (measured: number, limit: number): boolean => measured < limit;

const targets: readonly Target[] = [
  {
    name: "first byte p50, over the quiet one's, at most",
    limit: 1.1,
    measure: ({ p50VsQuiet }) => p50VsQuiet,
    meets: atMost,
  },
  {
    name: "first byte p99, over the quiet one's, at most",
    limit: 1.5,
    measure: ({ p99VsQuiet }) => p99VsQuiet,
    meets: atMost,
  },
  {
    name: "requests that failed, in per cent, at most",
    limit: 0,
    measure: ({ errorPercent }) => errorPercent,
    meets: atMost,
  },
  {
    name: "extra cost in per cent, cancelled input unbilled, below",
    limit: 5,
    measure: ({ extraCostPercent }) => extraCostPercent,
    meets: below,
  },
];
