import { ProviderError } from "../providers/index.ts";
import { patienceMs, type Estimates, type LatencyBook, type Prospect } from "../routing/index.ts";
import type { Bound } from "./run-attempt.ts";

/**
 * How long an attempt may take for its answer, or a stream for its first content. The last candidate
 * has all that the backend and the route allow; one that another stands by for is left as soon as it is
 * unusually slow, and in time for the other one.
 *
 * @param standby what the next candidate is believed to take; undefined where there is none
 * @param remainingMs of the route's total timeout
 */
export function attemptBound(
  prospect: Prospect,
  standby: Estimates | undefined,
  remainingMs: number,
  book: LatencyBook,
): Bound {
  const own = standby === undefined ? declaredMs(prospect) : patienceMs(prospect, book);
  const reserved = standby === undefined ? 0 : reserveMs(prospect, standby, remainingMs);
  if (own <= remainingMs - reserved) return ownBound(prospect, own);
  return reserved > 0
    ? sharedBound(prospect, remainingMs - reserved)
    : routeBound(prospect, remainingMs);
}

function declaredMs({ backend, streaming }: Prospect): number {
  return streaming ? backend.timeouts.firstTokenMs : backend.timeouts.totalMs;
}

/** Time for another candidate, as far as the first one's usual time leaves some, and never more than half. */
function reserveMs(prospect: Prospect, standby: Estimates, remainingMs: number): number {
  const spare = remainingMs - needMs(prospect.estimates, prospect);
  return Math.max(0, Math.min(needMs(standby, prospect), remainingMs / 2, spare));
}

function needMs(estimates: Estimates, { streaming }: Prospect): number {
  return streaming ? estimates.firstTokenP95Ms : estimates.totalP95Ms;
}

function ownBound(prospect: Prospect, ms: number): Bound {
  const declared = declaredMs(prospect);
  const field = prospect.streaming ? "firstToken" : "total";
  const why =
    ms < declared ? `, long for this backend of late (its ${field} is ${declared} ms)` : "";
  return bound(prospect, ms, why, ms < declared ? { early: true } : {});
}

function sharedBound(prospect: Prospect, ms: number): Bound {
  const why = ", and another candidate needs the time that the route has left";
  return bound(prospect, ms, why, leftInNeed(prospect, ms));
}

function bound({ streaming }: Prospect, ms: number, why: string, says: Says): Bound {
  const waited = `within ${Math.round(ms)} ms${why}`;
  const passed = () =>
    streaming
      ? new ProviderError("slow_first_token", `No content came ${waited}`, says)
      : new ProviderError("timeout", `No answer came ${waited}`, says);
  return { ms, passed };
}

function routeBound(prospect: Prospect, ms: number): Bound {
  const message = "The route's total timeout passed before an answer came";
  const says = leftInNeed(prospect, ms);
  return { ms, passed: () => new ProviderError("timeout", message, says) };
}

/** What a bound that has passed says of the backend. */
type Says = Pick<ProviderError["details"], "counts" | "early">;

/** Beyond this many times what the backend is believed to need, it is at fault itself. */
const tolerance = 2;

/** A route that has little time, or used it up elsewhere, must not take a backend away from others. */
function leftInNeed(prospect: Prospect, ms: number): Says {
  const isLong = ms >= tolerance * needMs(prospect.estimates, prospect);
  return isLong ? { early: true } : { counts: false };
}
