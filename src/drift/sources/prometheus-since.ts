import { anySamples } from "./prometheus-queries.ts";
import type { Asking } from "./prometheus-asking.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** Further back nothing is asked for: stores bound how long a time a query may look at. */
const mostDays = 90;

/** The first hour of the first day that has anything. */
export async function sinceOf({ client, match, signal }: Asking): Promise<number | null> {
  const firstStep = async (from: number, to: number, stepMs: number): Promise<number | null> => {
    const found = await client.queryRange(anySamples(match, stepMs), {
      from: from + stepMs,
      to,
      stepMs,
      signal,
    });
    const ends = found.flatMap(({ points }) => points.map(({ at }) => at));
    return ends.length === 0 ? null : Math.min(...ends) - stepMs;
  };
  const now = Math.ceil(Date.now() / hour) * hour;
  const first = await firstStep(now - mostDays * day, now, day);
  if (first === null) return null;
  return (await firstStep(first, first + day, hour)) ?? first;
}
