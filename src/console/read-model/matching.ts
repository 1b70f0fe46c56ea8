import type { RequestRecord } from "../../records/index.ts";
import { outcomeOf } from "../../telemetry/index.ts";
import { isNotable } from "../traffic/recent-requests.ts";
import type { OutcomeFilter, RequestFilter } from "../wish.ts";

/** The requests that a filter lets through, in their order. */
export function matching(
  requests: readonly RequestRecord[],
  { route, tenant, outcome, id }: RequestFilter,
): RequestRecord[] {
  const wanted = id.toLowerCase();
  return requests.filter(
    (record) =>
      (route === "" || record.route === route) &&
      (tenant === "" || record.tenant === tenant) &&
      hasOutcome(record, outcome) &&
      (wanted === "" || idsOf(record).some((each) => each.toLowerCase().includes(wanted))),
  );
}

function hasOutcome(record: RequestRecord, wanted: OutcomeFilter): boolean {
  if (wanted === "any") return true;
  if (wanted === "unplanned") return isNotable(record);
  if (wanted === "fallback") return record.fallback_reason !== null;
  return outcomeOf(record) === wanted;
}

const idsOf = (record: RequestRecord): string[] => [
  record.request_id,
  record.trace_id,
  record.aws_request_id ?? "",
];
