import type { Interval, MeasuredQuality } from "../../table/index.ts";

const day = 24 * 3_600_000;

/** People are shown whole per cents. */
const worthTelling = 0.01;

/**
 * The measurement to publish: the last one of the same plan, as long as it is younger than a day and nothing
 * in it has moved by a per cent. Every router loads a new table for a newer one.
 */
export function settledMeasurement(
  before: MeasuredQuality | undefined,
  newer: MeasuredQuality,
): MeasuredQuality {
  if (before === undefined || newer.at - before.at >= day || before.at > newer.at) return newer;
  const isNear = isClose(before.kept, newer.kept) && isClose(before.saved, newer.saved);
  return isNear ? before : newer;
}

function isClose(before: Interval | null, newer: Interval | null): boolean {
  if (before === null || newer === null) return before === newer;
  return (["estimate", "lower", "upper"] as const).every(
    (member) => Math.abs(before[member] - newer[member]) < worthTelling,
  );
}
