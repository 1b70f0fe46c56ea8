import type { IncomingHttpHeaders } from "node:http";
import { ApiError, parseFeedbackRequest } from "../../openai/index.ts";
import type { LabelRecord } from "../../records/index.ts";
import { readCredential, visibleRoutes, type Identity } from "../../tenancy/index.ts";
import { refusalError, requireSnapshot } from "../admit-stage.ts";
import { parseJson } from "../parse-json.ts";
import type { RouterParts } from "../parts.ts";
import type { Snapshot } from "../snapshot.ts";
import type { FeedbackRates } from "./feedback-rates.ts";

/** What the client is told of its feedback. */
export interface FeedbackBody {
  object: "feedback";
  /** The same each time that this caller judges this answer: the last judgement counts. */
  id: string;
  request_id: string;
  score: number;
  /** What became of the comment; absent where there was none. */
  comment?: "not_kept";
}

/**
 * Makes a label of what a client says of an answer. It bears the caller's tenant, and whoever joins labels
 * with requests leaves out what is not that tenant's: so nothing has to be known here of a request that
 * another router may have served, and nobody learns from an answer which requests there were.
 *
 * @throws ApiError naming the field at fault, or why the caller may not
 */
export async function takeFeedback(
  headers: IncomingHttpHeaders,
  body: string,
  parts: RouterParts,
  rates: FeedbackRates,
): Promise<FeedbackBody> {
  const snapshot = requireSnapshot(parts.tables.current);
  const caller = await callerOf(headers, snapshot, parts);
  const tenant = caller.tenant?.name ?? null;
  refuseFlood(rates.waitMs(tenant));
  const parsed = parseFeedbackRequest(parseJson(body));
  if (!parsed.ok) throw parsed.error;
  const { requestId, score, comment } = parsed.value;
  const { namespace, routerClass } = snapshot.table.group;
  const label: LabelRecord = {
    schema_version: 1,
    ts: new Date(parts.clock.now()).toISOString(),
    level: "info",
    stream: "label",
    label_id: `feedback/${requestId}/${tenant ?? ""}/${caller.keyId ?? ""}`,
    request_id: requestId,
    prompt_id: requestId,
    namespace,
    class: routerClass,
    route: null,
    tenant,
    backend: null,
    source: "feedback",
    check: "client",
    judge: null,
    score,
    heads: null,
    classifier_digest: null,
    cost_usd: 0,
  };
  parts.records.write(label);
  parts.telemetry.labelled(label, null);
  return {
    object: "feedback",
    id: label.label_id,
    request_id: requestId,
    score,
    ...(comment === undefined ? {} : { comment: "not_kept" }),
  };
}

/** Whoever could have asked for the answer: a tenant, or anybody where a route is open to all. */
async function callerOf(
  headers: IncomingHttpHeaders,
  snapshot: Snapshot,
  { callers, telemetry }: RouterParts,
): Promise<Identity> {
  const identification = await callers.identify(readCredential(headers), snapshot);
  if (identification.ok) return identification.value;
  const visible = visibleRoutes(identification, snapshot.routes);
  if (visible.ok) return { tenant: null };
  telemetry.callerRefused(visible.error.reason ?? visible.error.code);
  throw refusalError(visible.error);
}

function refuseFlood(waitMs: number): void {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  throw new ApiError(
    "rate_limit_exceeded",
    `There was more feedback in the last minute than a router takes of one tenant: try again in ${seconds} s`,
    { headers: { "retry-after": String(seconds) } },
  );
}
