import { err, ok, type Result } from "../../lib/index.ts";

import { stopReasons, type StopReason } from "../mind/prompt.ts";

/** Where a fault acts: instead of an answer, on its timing, on any answer, on streams, or on what a chat model says. */
type Reach = "error" | "any" | "stream" | "answer";

/** All kinds of fault, and where each acts. */
export const faultKinds = {
  throttling: "error",
  "internal-error": "error",
  "service-unavailable": "error",
  "model-error": "error",
  "model-not-ready": "error",
  "model-timeout": "error",
  "access-denied": "error",
  "expired-token": "error",
  "validation-error": "error",
  "resource-not-found": "error",
  "service-quota": "error",
  "slow-first-token": "any",
  stall: "any",
  cut: "any",
  reset: "any",
  trickle: "any",
  empty: "any",
  "empty-content": "answer",
  "stop-reason": "answer",
  "less-skill": "answer",
  "bad-crc": "stream",
  "exception-frame": "stream",
  "error-frame": "stream",
  "clean-end": "stream",
  "unknown-event": "stream",
} as const satisfies Record<string, Reach>;

export type FaultKind = keyof typeof faultKinds;

/** A fault to order. */
export interface Fault {
  /** A model's id or endpoint name, the id that the client sends, or `*`. */
  model: string;
  kind: FaultKind;
  /** Per cent of the matching calls that meet it; default 100. */
  share?: number;
  /** How many times at most; absent: without end. */
  count?: number;
  /** Frames that a stream sends before the fault acts, at its last one at the latest; default 3, and 0 for the two frame kinds. */
  afterFrames?: number;
  /** Real milliseconds, whatever the speed: what `slow-first-token` adds (default 3000), how long a `stall` lasts (default 600000), what lies between two bytes of a `trickle` (default 1000). */
  delayMs?: number;
  /** Sent as `Retry-After` with an error. */
  retryAfterSeconds?: number;
  /** What `model-error` says the container answered; default 500. */
  originalStatusCode?: number;
  /** What `exception-frame` throws, such as `throttlingException`; default the service's model stream error. */
  exception?: string;
  /** What `stop-reason` puts in place of the model's own; default `content_filtered`. */
  stopReason?: StopReason;
  /** By how many hundredths `less-skill` lowers the skill that the model answers with; default 30. */
  skillDrop?: number;
  /** The error's words, in place of those of AWS. */
  message?: string;
}

const numbers: Record<string, [low: number, high: number]> = {
  share: [0, 100],
  count: [1, 1_000_000],
  afterFrames: [0, 100_000],
  delayMs: [0, 3_600_000],
  retryAfterSeconds: [0, 86_400],
  originalStatusCode: [100, 599],
  skillDrop: [0, 100],
};

const texts = ["model", "kind", "exception", "stopReason", "message"];

/** Reads a fault from JSON, or says what is wrong with it. */
export function parseFault(value: unknown): Result<Fault, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return err("A fault must be a JSON object.");
  const fault = value as Record<string, unknown>;
  const complaint =
    Object.keys(fault)
      .map((name) => unknownMember(name))
      .find(Boolean) ??
    texts.map((name) => wrongText(name, fault[name])).find(Boolean) ??
    Object.entries(numbers)
      .map(([name, range]) => wrongNumber(name, fault[name], range))
      .find(Boolean) ??
    wrongKind(fault["kind"]) ??
    wrongReason(fault["stopReason"]);
  return complaint === undefined ? ok(value as Fault) : err(complaint);
}

const unknownMember = (name: string): string | undefined =>
  texts.includes(name) || name in numbers
    ? undefined
    : `"${name}" is no member of a fault; known are ${[...texts, ...Object.keys(numbers)].join(", ")}.`;

function wrongText(name: string, value: unknown): string | undefined {
  if (value === undefined && name !== "model" && name !== "kind") return undefined;
  return typeof value === "string" && value !== ""
    ? undefined
    : `"${name}" must be a text that is not empty.`;
}

function wrongNumber(
  name: string,
  value: unknown,
  [low, high]: [number, number],
): string | undefined {
  if (value === undefined) return undefined;
  const whole = name === "share" || Number.isInteger(value);
  if (typeof value === "number" && whole && value >= low && value <= high) return undefined;
  return `"${name}" must be a ${name === "share" ? "number" : "whole number"} from ${low} to ${high}.`;
}

const wrongKind = (value: unknown): string | undefined =>
  typeof value === "string" && Object.hasOwn(faultKinds, value)
    ? undefined
    : `"kind" must be one of ${Object.keys(faultKinds).join(", ")}.`;

const wrongReason = (value: unknown): string | undefined =>
  value === undefined || (typeof value === "string" && stopReasons.includes(value))
    ? undefined
    : `"stopReason" must be one of ${stopReasons.join(", ")}.`;
