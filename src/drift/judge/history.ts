import type { Window } from "../series.ts";

/** Below this nothing is said of a window. */
export const fewestSamples = 200;
/** Windows that are judged: the newest with enough in them. Drifted is what is so in two of three. */
const judgedWindows = 3;
const mostReference = 28;
export const fewestReference = 14;
/** Windows that are looked back for those to judge: a quiet weekend does not end a drift. */
const mostRecent = 7;

const fourWeeks = 28 * 86_400_000;

/** Which windows are judged, against which: indices into the windows, oldest first. */
export interface History {
  judged: readonly number[];
  reference: readonly number[];
  /** Whether the newest window has enough in it. */
  isCurrent: boolean;
}

/** Why there is no history to judge by, for people: `the newest window has 20 requests`. */
export interface Missing {
  missing: string;
}

/**
 * @param samples of each window, 0 where nothing is known of it
 * @param changedAt since when the series is known to have drifted: what came later is no reference, as
 *   long as enough came before; after that it is what is usual
 */
export function splitHistory(
  windows: readonly Window[],
  samples: readonly number[],
  changedAt: number | null,
): History | Missing {
  const enough = windows.flatMap((_, index) =>
    (samples[index] ?? 0) >= fewestSamples ? [index] : [],
  );
  const newest = windows.length - 1;
  const recent = enough.filter((index) => index > newest - mostRecent).slice(-judgedWindows);
  if (recent.length === 0) return { missing: tooFew(samples) };
  for (let count = recent.length; count > 0; count -= 1) {
    const judged = recent.slice(-count);
    const reference = referenceBefore(windows, enough, judged[0] ?? 0, changedAt);
    if (reference.length >= fewestReference)
      return { judged, reference, isCurrent: recent.at(-1) === newest };
  }
  const before = enough.filter((index) => index < (recent.at(-1) ?? 0)).length;
  const lacking = fewestReference - before;
  return {
    missing: `it takes ${fewestReference} windows of at least ${fewestSamples} requests before the one that is judged: there are ${before}, ${lacking} more are needed`,
  };
}

function tooFew(samples: readonly number[]): string {
  const newest = Math.floor(samples.at(-1) ?? 0);
  return `it takes ${fewestSamples} requests in a window, and the newest has ${newest}`;
}

function referenceBefore(
  windows: readonly Window[],
  enough: readonly number[],
  first: number,
  changedAt: number | null,
): readonly number[] {
  const start = windows[first]?.from ?? 0;
  const reach = enough.filter(
    (index) =>
      index < first &&
      (index >= first - mostReference || (windows[index]?.from ?? 0) >= start - fourWeeks),
  );
  if (changedAt === null) return reach;
  const before = enough.filter((index) => (windows[index]?.to ?? 0) <= changedAt);
  const frozen = before
    .filter((index) => index < first)
    .slice(-Math.max(mostReference, reach.length));
  return frozen.length >= fewestReference ? frozen : reach;
}
