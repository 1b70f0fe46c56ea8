import type { ServerResponse } from "node:http";
import { admit, AdmissionRefused, identify } from "./admit-stage.ts";
import { answer, type AnsweredRequest } from "./answer-stage.ts";
import type { Arrival } from "./arrival.ts";
import { clientFault, isForeseen } from "./client-fault.ts";
import { ClientGone, ShutDown } from "./client-gone.ts";
import { ClientWriter } from "./client-writer.ts";
import { observeOutcome } from "./observe-outcome.ts";
import { limit } from "./limit-stage.ts";
import type { Parse } from "./parse-stage.ts";
import type { RouterParts } from "./parts.ts";
import type { Progress, Sent } from "./progress.ts";
import { endLimits } from "./end-limits.ts";
import { switchyardHeaders } from "./response-headers.ts";
import { route } from "./route-stage.ts";
import { beginInspection, inspectInput } from "./safety/inspect-input.ts";
import { sendStream } from "./send-stream.ts";
import { followWithShadow } from "./shadow/follow-with-shadow.ts";
import { sendFault, sendWhole } from "./send-whole.ts";

// A request, and the codes that leave at each stage:
//
//   Arrival ── parse ──▶ ParsedRequest ── admit ──▶ AdmittedRequest ── route ──▶ RoutedRequest
//                │                          │                          │
//                400 invalid_json           401 missing_api_key        400 route_type_mismatch
//                400 invalid_request_error  401 invalid_api_key        400 no_candidate
//                400 unsupported_content    401 expired_api_key        400 context_length_exceeded
//                                           401 invalid_token          503 no_backend
//                                           401 expired_token
//                                           403 tenant_denied
//                                           404 model_not_found
//                                           503 identity_unavailable
//                                           503 not_ready
//
// What the HTTP layer refuses leaves at parse as well: 408 request_timeout, 413 body_too_large,
// 415 unsupported_media_type, 429 overloaded.
//
//   RoutedRequest ── limit ──▶ the same, with what its tenant's limits ── inspect ──▶ the same, its texts
//                      │       hold for it                                  │         past the filters
//                      429 rate_limit_exceeded                              400 content_filter
//                      429 insufficient_quota
//                      503 limits_unavailable
//
//   RoutedRequest ── answer (attempt*) ──▶ AnsweredRequest ── send ──▶ Outcome ──▶ spans, metrics, record
//                      │                                        │
//                      the most telling provider error          in-band error, no [DONE]
//                      with every attempt: 400…504              (after the first byte)
//
// Each stage takes what the one before it made and returns more; none calls back. `reached` is the
// furthest form of the request: wherever it ends, the outcome is told from that. Behind the client's back a
// request that was drawn for it is answered once more, for comparison: `shadow/`.

/** Serves one request to its end. Never rejects: every fault is answered, observed and recorded. */
export async function serve(
  arrival: Arrival,
  parse: Parse,
  response: ServerResponse,
  parts: RouterParts,
): Promise<void> {
  const writer = new ClientWriter(response, parts.settings.clientStallMs);
  let reached: Progress = arrival;
  let sent: Sent;
  try {
    const parsed = parse(arrival);
    reached = parsed;
    // Of what is mostly known at once, a promise alone is waited for: each wait costs more than the look-up.
    const identifying = identify(parsed, parts);
    const identified = identifying instanceof Promise ? await identifying : identifying;
    reached = identified;
    const admitted = admit(identified);
    admitted.shadow = parts.shadows.draw(admitted, parts.random);
    reached = admitted;
    const routed = route(admitted, parts);
    reached = routed;
    const limiting = limit(routed, parts);
    if (limiting !== undefined) await limiting;
    const inspection = beginInspection(routed, parts);
    let inspected = routed;
    if (inspection !== undefined) {
      reached = { ...routed, inspection };
      inspected = await inspectInput(routed, inspection);
      reached = inspected;
    }
    const answered = await answer(inspected, parts);
    reached = answered;
    const sending = send(answered, writer, parts);
    sent = sending instanceof Promise ? await sending : sending;
  } catch (error) {
    if (error instanceof AdmissionRefused) {
      reached = { ...reached, refused: error.refused };
      parts.telemetry.callerRefused(error.refused.reason ?? error.refused.code);
    }
    sent = fail(error, reached, writer, parts);
  }
  await responseEnd(response, arrival.gone);
  endLimits(reached);
  const clientGone = !response.writableFinished;
  try {
    const endedAt = parts.clock.elapsed();
    const outcome = { progress: reached, sent, endedAt, clientGone };
    followWithShadow(outcome, observeOutcome(outcome, parts), parts);
  } catch (error) {
    reached.shadow?.letGo();
    parts.onFault(error, arrival.requestId);
  }
}

function send(
  answered: AnsweredRequest,
  writer: ClientWriter,
  parts: RouterParts,
): Sent | Promise<Sent> {
  const { answer: given } = answered;
  if (given.kind === "stream") return sendStream({ ...answered, answer: given }, writer, parts);
  return sendWhole(answered, given, writer, parts.clock.elapsed());
}

function fail(error: unknown, reached: Progress, writer: ClientWriter, parts: RouterParts): Sent {
  const fault = clientFault(error, reached.attempts);
  const { bytesOut } = writer;
  const told = { bytesOut, firstContentAt: null, errorCode: fault.facts.code };
  if (isGone(error)) return { ...told, status: fault.status };
  if (!isForeseen(error)) parts.onFault(error, reached.requestId);
  if (!writer.begun) return sendFault(fault, switchyardHeaders(reached), writer);
  writer.cut();
  return { ...told, status: 200 };
}

function isGone(error: unknown): boolean {
  return error instanceof ClientGone && !(error instanceof ShutDown);
}

/** The last byte is handed to the system, or the client is gone: one of them comes, always. */
function responseEnd(response: ServerResponse, gone: AbortSignal): Promise<void> {
  const left = gone.aborted && isGone(gone.reason);
  if (response.writableFinished || response.destroyed || left) return Promise.resolve();
  return new Promise((resolve) => {
    // A listener that stayed would hold on to the whole request for as long as the signal is held.
    const end = () => {
      gone.removeEventListener("abort", end);
      resolve();
    };
    response.once("finish", end);
    response.once("close", end);
    gone.addEventListener("abort", end, { once: true });
  });
}
