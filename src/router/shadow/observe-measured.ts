import type { RequestRecord } from "../../records/index.ts";
import { observeOutcome } from "../observe-outcome.ts";
import type { RouterParts } from "../parts.ts";
import type { Progress, Sent } from "../progress.ts";
import type { RoutedRequest } from "../route-stage.ts";
import { newRequestId } from "../request-id.ts";
import type { Attempt } from "../attempt.ts";
import type { Measured } from "./measured-call.ts";

/** nginx's status for what was ended from outside. */
const endedFromOutside = 499;

/** What a call that measures was made of: the request that it repeats, or the judge's question. */
export type MeasuredRequest = Pick<
  RoutedRequest,
  "snapshot" | "http" | "asked" | "route" | "tenant" | "needs" | "guardrailCalls" | "inspection"
>;

/** Tells of a call that served nobody: a record and spans of its own, which say for what it was made. */
export function observeMeasured(
  request: MeasuredRequest,
  { attempt, reply }: Measured,
  { arm, original }: { arm: "shadow" | "judge"; original: RequestRecord },
  parts: RouterParts,
): RequestRecord {
  const { clock } = parts;
  const { snapshot, http, asked, route, tenant, needs, guardrailCalls, inspection } = request;
  const endedAt = attempt.endedAt ?? clock.elapsed();
  const progress: Progress = {
    snapshot,
    http,
    asked,
    route,
    tenant,
    needs,
    guardrailCalls,
    inspection,
    requestId: newRequestId(),
    receivedAt: clock.now() - (clock.elapsed() - attempt.startedAt),
    startedAt: attempt.startedAt,
    headers: {},
    body: "",
    bytesIn: 0,
    gone: new AbortController().signal,
    attempts: [attempt],
    ...(reply === undefined ? {} : { attempt }),
  };
  const sent = sentOf(attempt);
  const failed = sent.errorCode !== null;
  return observeOutcome({ progress, sent, endedAt, clientGone: false }, parts, {
    original: { traceId: original.trace_id, spanId: original.span_id },
    members: {
      arm,
      prompt_id: original.request_id,
      // Nobody waits for it, so that nobody is to be woken for it.
      level: failed ? "warn" : "info",
      baseline_cost_usd: null,
    },
  });
}

/** As if it had been sent. */
function sentOf({ error, superseded, clientGone }: Attempt): Sent {
  const told = { bytesOut: 0, firstContentAt: null };
  if (error !== null) return { ...told, status: error.status, errorCode: error.code };
  if (superseded) return { ...told, status: endedFromOutside, errorCode: "superseded" };
  if (clientGone) return { ...told, status: endedFromOutside, errorCode: "shutting_down" };
  return { ...told, status: 200, errorCode: null };
}
