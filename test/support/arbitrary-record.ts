import fc from "fast-check";
import type { RequestRecord } from "../../src/records/index.ts";
import { makeRecord } from "./observations.ts";

const name = fc.oneof(
  fc.string({ maxLength: 40, unit: "grapheme" }),
  fc.constantFrom("../../etc", ".", "..", "a/b", "\u2028", "a\nb", "x".repeat(300), "%2E", "NUL"),
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const amount = fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value + 0);
const count = fc.nat();

const tokens = fc.record({
  in: count,
  out: count,
  cache_read: count,
  cache_write: count,
  cache_write_1h: count,
  reasoning: count,
});

const attempt = fc.record({
  backend: name,
  kind: fc.constantFrom("first", "retry", "fallback", "hedge", "shadow", "judge" as const),
  sent: fc.boolean(),
  start_ms: orNull(amount),
  ms: amount,
  ttft_ms: orNull(amount),
  status: orNull(count),
  error_type: orNull(name),
  frames: count,
  tokens: orNull(tokens),
  token_source: fc.constantFrom("provider", "estimated", "none" as const),
  cost_usd: orNull(amount),
});

const ledgerLine = fc.record({
  kind: fc.constantFrom("answer", "failed", "hedge_loser", "aborted", "guardrail" as const),
  backend: orNull(name),
  tokens: orNull(tokens),
  units: orNull(count),
  cost_usd: amount,
  basis: fc.constantFrom("metered", "estimated", "allocated", "none" as const),
});

/** Any record, with names that no file system would like. */
export const arbitraryRecord: fc.Arbitrary<RequestRecord> = fc
  .record({
    ts: fc
      .date({
        min: new Date("2027-01-01T00:00:00Z"),
        max: new Date("2027-01-02T23:59:59Z"),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString()),
    request_id: name,
    namespace: name,
    tenant: orNull(name),
    route: orNull(name),
    request_model: orNull(name),
    limits: fc.option(
      fc.record({
        action: fc.constantFrom(
          "allow" as const,
          "observe" as const,
          "downgrade" as const,
          "refuse" as const,
          "uncounted" as const,
        ),
        exceeded: fc.array(name, { maxLength: 2 }),
        refused_by: fc.option(name),
        denied: fc.option(fc.constantFrom("fallback" as const, "hedge" as const)),
        reserved_usd: fc.nat().map((nano) => nano / 1e9),
      }),
    ),
    would_refuse: fc.array(name, { maxLength: 2 }),
    would_divert: fc.array(name, { maxLength: 2 }),
    attempts: fc.array(attempt, { maxLength: 3 }),
    tokens: orNull(tokens),
    cost_usd: amount,
    ledger: fc.array(ledgerLine, { maxLength: 3 }),
    baseline_cost_usd: orNull(amount),
    latency_ms: amount,
    client_aborted: fc.boolean(),
  })
  .map((changes) => makeRecord(changes));
