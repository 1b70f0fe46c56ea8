import type { BackendEntry } from "../table/index.ts";
import type { BackendReading } from "../telemetry/index.ts";
import type { RouterParts } from "./parts.ts";

/** The backends of the table in use, as metrics show them. */
export function liveBackends({ tables, health, places }: RouterParts): BackendReading[] {
  const names = Object.keys(tables.current?.table.backends ?? {});
  return names.map((backend) => {
    const { inFlight, queued } = places.count(backend);
    return { backend, state: health.describe(backend).state, inFlight, queued };
  });
}

/** A backend as `/table` shows it: what the router has seen of it, and what follows from that. */
export function describeLive(
  backend: BackendEntry,
  { book, health, places, clock }: RouterParts,
): object {
  const facts = health.describe(backend.name);
  const { inFlight, queued } = places.count(backend.name);
  const origin = clock.now() - clock.elapsed();
  const at = (elapsed: number | null) =>
    elapsed === null ? null : new Date(origin + elapsed).toISOString();
  return {
    backend: backend.name,
    state: facts.state,
    since: at(facts.since),
    reason: facts.reason,
    until: at(facts.until),
    failures_in_row: facts.failuresInRow,
    error_share: toThousandths(facts.errorShare),
    slow_share: toThousandths(facts.slowShare),
    in_flight: inFlight,
    queued,
    first_token_p95_ms: Math.round(book.firstTokenMs(backend, 0.95)),
    tokens_per_second: Math.round(book.tokensPerSecond(backend)),
    failure_share: toThousandths(book.failureShare(backend.name)),
  };
}

function toThousandths(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
