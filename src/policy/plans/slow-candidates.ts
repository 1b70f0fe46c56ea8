import { normalQuantile } from "../certify.ts";
import { representative, type PlanRow } from "./plan-row.ts";
import type { Envelope } from "../../table/index.ts";

const fewest = 50;
/** A P95: so many answers may be slower. */
const mayBeSlower = 0.05;

/**
 * The backends whose answers are slower than the envelope's P95 more often than chance explains. So
 * measured, they are no candidates of a plan; one that wavers about the bound stays what it was.
 *
 * @param rows of the traffic
 */
export function slowCandidates(
  rows: readonly PlanRow[],
  { firstTokenP95Ms = Infinity, totalP95Ms = Infinity }: Envelope,
): Map<string, string> {
  const slow = new Map<string, string>();
  if (firstTokenP95Ms === Infinity && totalP95Ms === Infinity) return slow;
  for (const [backend, some] of Map.groupBy(representative(rows), ({ chosen }) => chosen ?? "")) {
    if (backend === "" || some.length < fewest) continue;
    const late = some.filter(
      ({ firstTokenMs, latencyMs }) =>
        (firstTokenMs ?? 0) > firstTokenP95Ms || latencyMs > totalP95Ms,
    );
    if (lowerShare(late.length, some.length) <= mayBeSlower) continue;
    const percent = ((100 * late.length) / some.length).toFixed(0);
    slow.set(
      backend,
      `${percent} % of its ${some.length} answers were slower than the envelope's P95`,
    );
  }
  return slow;
}

/** One-sided lower bound on a share, after Wilson. */
export function lowerShare(hits: number, count: number, confidence = 0.99): number {
  if (count === 0) return 0;
  const z = normalQuantile(confidence);
  const share = hits / count;
  const centre = share + (z * z) / (2 * count);
  const reach = z * Math.sqrt((share * (1 - share)) / count + (z / (2 * count)) ** 2);
  return (centre - reach) / (1 + (z * z) / count);
}
