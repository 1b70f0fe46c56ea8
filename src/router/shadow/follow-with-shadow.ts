import type { RequestRecord } from "../../records/index.ts";
import type { Outcome } from "../outcome.ts";
import type { RouterParts } from "../parts.ts";
import { compareAnswers } from "./compare-answers.ts";
import { writeLabels } from "./shadow-labels.ts";
import { measure, type Measured } from "./measured-call.ts";
import { observeMeasured } from "./observe-measured.ts";
import { orderShadow, type ShadowOrder } from "./shadow-order.ts";

/**
 * Has another candidate answer a request that was drawn for it, once its client has all of its own answer. Nobody
 * waits for it, and whatever comes of it only telemetry, records and labels hear.
 *
 * @param record of the request
 */
export function followWithShadow(
  outcome: Outcome,
  record: RequestRecord,
  parts: RouterParts,
): void {
  const { shadow: drawn, route } = outcome.progress;
  if (drawn === undefined || route === undefined) return;
  const skip = (reason: string) => {
    drawn.letGo();
    parts.telemetry.shadowEnded(route.name, reason);
  };
  const refusal = parts.shadows.refusal();
  if (refusal !== undefined) return skip(refusal);
  const order = orderShadow(outcome, drawn, record);
  if (typeof order === "string") return skip(order);
  parts.shadows.begin(drawn, async (signal) => {
    try {
      parts.telemetry.shadowEnded(route.name, await runShadow(order, signal, parts));
    } catch (error) {
      parts.onFault(error, record.request_id);
    }
  });
}

/** @returns what came of it, in a word */
async function runShadow(
  order: ShadowOrder,
  signal: AbortSignal,
  parts: RouterParts,
): Promise<string> {
  const { progress, backend, asked, record } = order;
  const { route, needs, metadata } = progress;
  const onFault = (error: unknown) => parts.onFault(error, record.request_id);
  const measured = measure(
    { kind: "shadow", backend, route, asked, needs, metadata, onFault },
    signal,
    parts,
  );
  if (typeof measured === "string") return measured;
  const done = await measured;
  const { snapshot, http, tenant } = progress;
  const shadowRecord = observeMeasured(
    { snapshot, http, asked, route, tenant, needs, guardrailCalls: [] },
    done,
    { arm: "shadow", original: record },
    parts,
  );
  if (done.reply === undefined) return endOf(done);
  const answers = { served: order.served, shadow: done.reply };
  const compared = await compareAnswers(order, answers, signal, parts);
  if (compared !== undefined) {
    parts.telemetry.shadowCompared(route.name, compared.outcome);
    writeLabels(order, compared, shadowRecord, parts);
  }
  return "answered";
}

function endOf({ attempt }: Measured): string {
  if (attempt.superseded) return "gave_way";
  return attempt.clientGone ? "draining" : "failed";
}
