import type { ChatReply, ChatRequest } from "../../openai/index.ts";
import type { RequestRecord } from "../../records/index.ts";
import type { BackendEntry } from "../../table/index.ts";
import type { AnsweredRequest } from "../answer-stage.ts";
import type { Outcome } from "../outcome.ts";
import type { Progress } from "../progress.ts";
import { shadowBackend } from "./shadow-backend.ts";
import type { DrawnShadow } from "./shadow-draw.ts";

/** A shadow that is to be run. */
export interface ShadowOrder {
  /** Who answers a second time. */
  backend: BackendEntry;
  /** The request that has been answered, as its filters let it through. */
  progress: AnsweredRequest;
  /** As a whole: nobody reads along. */
  asked: { operation: "chat"; request: ChatRequest; streaming: false };
  /** What the client's answer was made of. */
  served: ChatReply;
  servedBackend: string;
  servedByBaseline: boolean;
  /** Of the request. */
  record: RequestRecord;
}

/** Why a request that was drawn has no shadow, in a word. */
export type NoShadow = "unanswered" | "too_long" | "no_candidate";

export function orderShadow(
  { progress, sent, clientGone }: Outcome,
  drawn: DrawnShadow,
  record: RequestRecord,
): ShadowOrder | NoShadow {
  if (!wasAnswered(progress) || sent.errorCode !== null || clientGone) return "unanswered";
  const { attempt, route } = progress;
  if (attempt.transcript?.spoilt === true) return "too_long";
  const served = attempt.transcript?.reply;
  if (served === undefined || progress.asked.operation !== "chat") return "unanswered";
  const asked = { ...progress.asked, streaming: false } as const;
  const servedBackend = attempt.backend.name;
  const { backends } = progress.snapshot.table;
  const backend = shadowBackend({ ...progress, backends }, servedBackend, drawn.which);
  if (backend === undefined) return "no_candidate";
  const servedByBaseline = servedBackend === route.baseline;
  return { backend, progress, asked, served, servedBackend, servedByBaseline, record };
}

function wasAnswered(progress: Progress): progress is AnsweredRequest {
  return progress.answer !== undefined;
}
