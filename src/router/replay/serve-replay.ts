import { ApiError, completionBody, errorBody } from "../../openai/index.ts";
import type { RequestRecord } from "../../records/index.ts";
import type { RouteEntry } from "../../table/index.ts";
import { requireSnapshot } from "../admit-stage.ts";
import { answer, type AnsweredRequest } from "../answer-stage.ts";
import type { Arrival } from "../arrival.ts";
import { clientFault, isForeseen } from "../client-fault.ts";
import { observeOutcome } from "../observe-outcome.ts";
import type { RouterParts } from "../parts.ts";
import type { Progress, Sent } from "../progress.ts";
import { replyIdentity } from "../reply-identity.ts";
import { switchyardHeaders } from "../response-headers.ts";
import { route as choose, type RoutedRequest } from "../route-stage.ts";
import { beginInspection, inspectInput } from "../safety/inspect-input.ts";
import { readOrder, readReplay, type ReplayOrder } from "./replay-order.ts";

/** What the caller of a replay is to be sent. */
export interface Replayed {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: object;
}

/**
 * Has one candidate of a route answer, with no other to fall back to. Hard limits and the route's filters
 * hold as for anybody; there is no tenant, and so no budget that counts it. The record says that it is a
 * replay. Never rejects: every fault is answered, observed and recorded.
 */
export async function serveReplay(
  arrival: Arrival,
  query: unknown,
  parts: RouterParts,
): Promise<Replayed> {
  let reached: Progress = arrival;
  const note = (progress: Progress) => (reached = progress);
  try {
    const answered = await answerReplay(arrival, query, parts, note);
    const body = wholeBody(answered);
    return end(answered, { status: 200, errorCode: null, headers: {}, body }, parts);
  } catch (error) {
    if (!isForeseen(error)) parts.onFault(error, arrival.requestId);
    const { status, facts, headers } = clientFault(error, reached.attempts);
    return end(reached, { status, errorCode: facts.code, headers, body: errorBody(facts) }, parts);
  }
}

async function answerReplay(
  arrival: Arrival,
  query: unknown,
  parts: RouterParts,
  note: (progress: Progress) => void,
): Promise<AnsweredRequest> {
  const snapshot = requireSnapshot(arrival.snapshot);
  const order = readOrder(query, snapshot);
  const request = readReplay(arrival.body, order.route);
  const admitted = {
    ...arrival,
    asked: { operation: "chat", request, streaming: false } as const,
    snapshot,
    identification: { ok: true, value: { tenant: null } } as const,
    route: order.route,
    tenant: null,
    keyId: null,
    subjectType: null,
    guardrailCalls: [],
    wouldRefuse: [],
  };
  note(admitted);
  const routed = narrowed(choose(admitted, parts), order);
  note(routed);
  const inspection = beginInspection(routed, parts);
  if (inspection === undefined) return noted(await answer(routed, parts), note);
  note({ ...routed, inspection });
  const inspected = await inspectInput(routed, inspection);
  note(inspected);
  return noted(await answer(inspected, parts), note);
}

function noted(answered: AnsweredRequest, note: (progress: Progress) => void): AnsweredRequest {
  note(answered);
  return answered;
}

/**
 * The one candidate alone is left of the chain.
 *
 * @throws ApiError where a hard limit, or want of room, keeps it out
 */
function narrowed(routed: RoutedRequest, { route, candidate }: ReplayOrder): RoutedRequest {
  if (candidate === null) return routed;
  const { choice } = routed;
  const link = choice.chain.find(({ backend }) => backend.name === candidate);
  if (link === undefined) throw absent(routed, route, candidate);
  const considered = choice.considered.find(({ backend }) => backend === link.backend);
  const envelopeMissed = !(considered?.inEnvelope ?? true);
  const replayed = { chain: [link], away: [], reason: "replayed", confidence: link.p } as const;
  return { ...routed, choice: { ...choice, ...replayed, envelopeMissed } };
}

function absent({ choice }: RoutedRequest, route: RouteEntry, candidate: string): ApiError {
  const dropped = choice.considered.find(({ backend }) => backend.name === candidate)?.dropped;
  if (dropped?.limit === "full")
    return new ApiError("overloaded", `${dropped.message}; try again in a moment`, {
      headers: { "retry-after": "1" },
    });
  const why = dropped?.message ?? `${candidate} of ${route.name} is not in the table`;
  return new ApiError("no_candidate", `The candidate cannot take this request: ${why}`);
}

function wholeBody(answered: AnsweredRequest): object {
  const { answer: given } = answered;
  if (given.kind !== "whole") throw new TypeError("A chat that is not streamed is answered whole");
  const { reply } = given;
  return completionBody({ ...replyIdentity(answered), reply, usage: reply.usage });
}

interface Ended {
  status: number;
  errorCode: string | null;
  headers: Readonly<Record<string, string>>;
  body: object;
}

function end(progress: Progress, ended: Ended, parts: RouterParts): Replayed {
  const { status, errorCode, headers, body } = ended;
  const endedAt = parts.clock.elapsed();
  const sent: Sent = {
    status,
    bytesOut: Buffer.byteLength(JSON.stringify(body)),
    firstContentAt: null,
    errorCode,
  };
  const clientGone = progress.gone.aborted;
  const record = observe({ progress, sent, endedAt, clientGone }, parts);
  const cost = record === undefined ? {} : { "x-switchyard-cost-usd": String(record.cost_usd) };
  return { status, headers: { ...switchyardHeaders(progress), ...headers, ...cost }, body };
}

function observe(
  outcome: Parameters<typeof observeOutcome>[0],
  parts: RouterParts,
): RequestRecord | undefined {
  try {
    return observeOutcome(outcome, parts, { members: { arm: "golden" }, original: null });
  } catch (error) {
    parts.onFault(error, outcome.progress.requestId);
    return undefined;
  }
}
