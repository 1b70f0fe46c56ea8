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
  return reserved > 0 ? sharedBound(prospect, remainingMs - reserved) : routeBound(remainingMs);
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
  return bound(prospect.streaming, ms, why);
}

function sharedBound({ streaming }: Prospect, ms: number): Bound {
  return bound(streaming, ms, ", and another candidate needs the time that the route has left");
}

function bound(streaming: boolean, ms: number, why: string): Bound {
  const waited = `within ${Math.round(ms)} ms${why}`;
  const passed = () =>
    streaming
      ? new ProviderError("slow_first_token", `No content came ${waited}`)
      : new ProviderError("timeout", `No answer came ${waited}`);
  return { ms, passed };
}

function routeBound(ms: number): Bound {
  const passed = () =>
    new ProviderError("timeout", "The route's total timeout passed before an answer came");
  return { ms, passed };
}
