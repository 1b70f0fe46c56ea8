import { representative, type PlanRow } from "./plan-row.ts";
import type { Plan } from "../../table/index.ts";
import { lowerShare } from "./slow-candidates.ts";

const fewest = 20;

/**
 * Whether clients complain more of what a plan chose than of what was served without it. Clients who say
 * something are no sample of all, so that no certificate rests on it and none is revoked for it: a person is told.
 *
 * @param rows of the scope's traffic
 */
export function feedbackFell(plan: Plan, rows: readonly PlanRow[]): string | undefined {
  const planned = rows.filter((row) => row.planDigest === plan.digest && row.arm === null);
  const others = rows.filter((row) => row.planDigest === null || row.arm === "control");
  const [own, before] = [complaints(planned), complaints(others)];
  if (own.count < fewest || before.count < fewest) return undefined;
  const usual = (before.bad + 1) / (before.count + 2);
  if (lowerShare(own.bad, own.count, 0.999) <= usual) return undefined;
  return `clients called ${own.bad} of ${own.count} answers wrong that the plan chose, and ${before.bad} of ${before.count} others`;
}

function complaints(rows: readonly PlanRow[]): { bad: number; count: number } {
  const scores = representative(rows).flatMap(({ labels }) =>
    labels.filter(({ source }) => source === "feedback").map(({ score }) => score),
  );
  return { bad: scores.filter((score) => score < 0.5).length, count: scores.length };
}
