import type { FinishReason, Frame, Usage } from "../openai/index.ts";
import type { CallFacts, ProviderError } from "../providers/index.ts";
import type { HealthTicket } from "../routing/index.ts";
import type { Place } from "./backend-places.ts";
import type { BackendEntry } from "../table/index.ts";
import type { Reservation } from "../tenancy/index.ts";
import type { Transcript } from "./shadow/transcript.ts";

export type AttemptKind = "first" | "retry" | "fallback" | "hedge" | "shadow" | "judge";

/** One call to one candidate. It is opened when the call begins and filled until the call has ended. */
export interface Attempt {
  readonly backend: BackendEntry;
  readonly kind: AttemptKind;
  readonly streaming: boolean;
  /** By the clock's `elapsed()`. */
  readonly startedAt: number;
  endedAt: number | null;
  /** Milliseconds from its start; null where no content came. */
  firstTokenMs: number | null;
  /** Null where it succeeded, is under way, or was cancelled because the client left or another attempt won. */
  error: ProviderError | null;
  clientGone: boolean;
  /** Whether it was cancelled because another attempt at the same request answered first. */
  superseded: boolean;
  /** Whether we ended it while the provider was at work, for whatever reason: its input may be billed. */
  cancelled: boolean;
  /** Whether it came to a call: not where it had no place, or was ended before it had one. */
  sent: boolean;
  /** Milliseconds that it waited for a place at its backend; null as long as it waits: nothing is called yet. */
  queuedMs: number | null;
  /** Its place; null before the call. */
  place: Place | null;
  /** What its backend's health knows it by; null before the call. */
  ticket: HealthTicket | null;
  /** What is held for it of its tenant's limits; null where there are none. */
  reservation: Reservation | null;
  /** What it answered; null where no shadow is to be compared with it. */
  transcript: Transcript | null;
  facts: CallFacts;
  /** What the provider said it used. */
  usage: Usage | null;
  finishReason: FinishReason | null;
  /** Frames with content, and their UTF-16 units: what is estimated from where usage is missing. */
  contentFrames: number;
  contentLength: number;
  /** What a whole answer had probably come to, in tokens, when its call was cancelled. */
  unseenTokens: number;
}

export function openAttempt(
  backend: BackendEntry,
  kind: AttemptKind,
  streaming: boolean,
  startedAt: number,
): Attempt {
  return {
    backend,
    kind,
    streaming,
    startedAt,
    endedAt: null,
    firstTokenMs: null,
    error: null,
    clientGone: false,
    superseded: false,
    cancelled: false,
    sent: false,
    queuedMs: 0,
    place: null,
    ticket: null,
    reservation: null,
    transcript: null,
    facts: {},
    usage: null,
    finishReason: null,
    contentFrames: 0,
    contentLength: 0,
    unseenTokens: 0,
  };
}

/** Notes what a frame tells of the attempt. */
export function noteFrame(attempt: Attempt, frame: Frame): void {
  attempt.transcript?.add(frame);
  switch (frame.type) {
    case "usage":
      attempt.usage = frame.usage;
      return;
    case "finish":
      attempt.finishReason = frame.reason;
      return;
    case "text":
    case "reasoning":
    case "toolArguments":
      attempt.contentFrames += 1;
      attempt.contentLength += frame.text.length;
      return;
    default:
      return;
  }
}
