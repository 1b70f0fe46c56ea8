import { UsageError } from "./usage-error.ts";

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

const ago = /^([1-9]\d{0,5})([mhdw])$/;
const date = /^\d{4}-\d\d-\d\d$/;
/** Without a zone a time would mean another instant on another machine. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * A point in time: so long ago (`24h`, `7d`), a day (`2027-03-04`, its beginning, UTC) or an instant.
 *
 * @param now milliseconds since the epoch
 * @throws UsageError naming the flag
 */
export function timeOf(flag: string, text: string, now: number): Date {
  const [, count, unit] = ago.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    return new Date(now - Number(count) * unitMs[unit as keyof typeof unitMs]);
  }
  const time = date.test(text) || instant.test(text) ? new Date(text) : new Date(Number.NaN);
  // `new Date` takes the 31st of June for the 1st of July.
  const rolledOver =
    date.test(text) && !Number.isNaN(time.getTime()) && !time.toISOString().startsWith(text);
  if (!Number.isNaN(time.getTime()) && !rolledOver) return time;
  throw new UsageError(
    `--${flag} must be so long ago, such as 90m, 24h, 7d or 2w, a day such as 2027-03-04, or an instant such as 2027-03-04T05:06:00Z, not "${text}"`,
  );
}

export interface TimeRange {
  since: Date;
  /** What came then or later is left out. */
  until: Date;
}

/**
 * From `--since`, a day ago without it, to `--until`, now without it.
 *
 * @throws UsageError
 */
export function timeRangeOf(
  flags: { since?: string | undefined; until?: string | undefined },
  now: number,
): TimeRange {
  const since = timeOf("since", flags.since ?? "24h", now);
  const until = flags.until === undefined ? new Date(now) : timeOf("until", flags.until, now);
  if (since < until) return { since, until };
  throw new UsageError(
    `--since (${since.toISOString()}) must be before --until (${until.toISOString()})`,
  );
}
