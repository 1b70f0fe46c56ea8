import type { JudgeRequest } from "../../judging/index.ts";
import { ApiError } from "../../openai/index.ts";
import type { RouteEntry } from "../../table/index.ts";
import type { RouterParts } from "../parts.ts";
import { route as chooseFor, type RoutedRequest } from "../route-stage.ts";
import { beginInspection, inspectInput } from "../safety/inspect-input.ts";
import { measure, type Measured } from "./measured-call.ts";
import { observeMeasured } from "./observe-measured.ts";
import type { ShadowOrder } from "./shadow-order.ts";

interface JudgeCall {
  order: ShadowOrder;
  route: RouteEntry;
  request: JudgeRequest;
}

/** What the judge said, or why it said nothing; and what that cost. */
export type Called = { costUsd: number } & (
  | { text: string }
  | { failed: "judge_denied" | "judge_busy" | "judge_failed" }
);

/** Asks the judge once: the first of its candidates that is well and has a place to spare. */
export async function callJudge(
  call: JudgeCall,
  signal: AbortSignal,
  parts: RouterParts,
): Promise<Called> {
  const routed = await prepare(call, parts);
  if (routed === undefined) return { failed: "judge_denied", costUsd: 0 };
  const measured = await callFirstFree(routed, signal, parts);
  if (measured === undefined) return { failed: "judge_busy", costUsd: 0 };
  const { progress, record: original } = call.order;
  // It is the judged route's cost of measuring, not that of the route which judges.
  const asked = { ...routed, route: progress.route };
  const record = observeMeasured(asked, measured, { arm: "judge", original }, parts);
  const { cost_usd: costUsd } = record;
  const { reply } = measured;
  return reply === undefined ? { failed: "judge_failed", costUsd } : { text: reply.text, costUsd };
}

/** @returns undefined where no backend of the judge may see it, or a filter lets it not out */
async function prepare(
  { order, route, request }: JudgeCall,
  parts: RouterParts,
): Promise<RoutedRequest | undefined> {
  const judged = {
    ...order.progress,
    asked: { operation: "chat", request, streaming: false } as const,
    route,
    keyId: null,
    subjectType: null,
    guardrailCalls: [],
    wouldRefuse: [],
    shadow: undefined,
    inspection: undefined,
  };
  try {
    const routed = chooseFor(judged, parts);
    const inspection = beginInspection(routed, parts);
    return inspection === undefined ? routed : await inspectInput(routed, inspection);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

async function callFirstFree(
  routed: RoutedRequest,
  signal: AbortSignal,
  parts: RouterParts,
): Promise<Measured | undefined> {
  const { route, asked, needs, metadata, requestId } = routed;
  const onFault = (error: unknown) => parts.onFault(error, requestId);
  const call = { kind: "judge", route, asked, needs, metadata, onFault } as const;
  for (const { backend } of routed.choice.chain) {
    const measured = measure({ ...call, backend }, signal, parts);
    if (typeof measured !== "string") return measured;
  }
  return undefined;
}
