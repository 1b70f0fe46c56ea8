import type { Plan, PlanEntry } from "../table/index.ts";
import type { PlanReading } from "../telemetry/index.ts";
import type { RouterParts } from "./parts.ts";

/** The plans of the table in use, as metrics show them. */
export function livePlans({ tables, clock }: Pick<RouterParts, "tables" | "clock">): PlanReading[] {
  const plans = Object.values(tables.current?.table.plans ?? {});
  const now = clock.now();
  return plans.map((entry) => ({
    route: entry.route,
    tenant: entry.tenant,
    kept: entry.measured?.kept ?? null,
    saved: entry.measured?.saved ?? null,
    rollouts: rolloutsOf(entry, now),
  }));
}

function rolloutsOf({ current, next }: PlanEntry, now: number): PlanReading["rollouts"] {
  const share = (next?.sharePercent ?? 0) / 100;
  return [
    ...(current === null ? [] : [rolloutOf("current", current, 1 - share, now)]),
    ...(next === undefined ? [] : [rolloutOf("next", next.plan, share, now)]),
  ];
}

function rolloutOf(
  rollout: "current" | "next",
  { certificate }: Plan,
  share: number,
  now: number,
): PlanReading["rollouts"][number] {
  const expiresInSeconds = certificate === null ? null : (certificate.expiresAt - now) / 1_000;
  return { rollout, share, expiresInSeconds };
}
