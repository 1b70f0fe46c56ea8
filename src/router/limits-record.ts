import { usdFromPico, type RequestRecord } from "../records/index.ts";
import { picoPerNano, type RequestLimits } from "./request-limits.ts";

/** What limits did, as the record tells it. */
export function limitsRecord(limits: RequestLimits | undefined): RequestRecord["limits"] {
  if (limits === undefined) return null;
  const { plan, verdict, exceeded, denied, reservedNanoUsd } = limits;
  const refusedBy = verdict.kind === "judged" ? verdict.refusedBy : null;
  return {
    action: actionOf(limits),
    exceeded: [...exceeded],
    refused_by: refusedBy === null ? null : (plan.names[refusedBy] ?? null),
    denied,
    reserved_usd: usdFromPico(reservedNanoUsd * picoPerNano),
  };
}

function actionOf({ verdict }: RequestLimits): NonNullable<RequestRecord["limits"]>["action"] {
  if (verdict.kind === "uncounted") return "uncounted";
  if (verdict.refusedBy !== null) return "refuse";
  if (verdict.downgraded) return "downgrade";
  return verdict.exceeded.length > 0 ? "observe" : "allow";
}
