import type { AttemptRecord, RequestRecord } from "../../records/index.ts";
import { choiceReasons } from "../../routing/index.ts";
import { outcomeOf, type OutcomeLabel } from "../../telemetry/index.ts";
import { inWords } from "../hints/in-words.ts";
import type { Tone } from "./pieces.ts";

const tones: Readonly<Record<OutcomeLabel, Tone>> = {
  answered: "good",
  refused: "notice",
  limited: "warning",
  failed: "urgent",
  aborted: "quiet",
};

/** How a request ended, as a chip tells it. */
export function endOf(record: RequestRecord): readonly [Tone, string] {
  const outcome = outcomeOf(record);
  if (outcome === "answered" && record.fallback_reason !== null) return ["notice", "fell back"];
  return [tones[outcome], outcome];
}

/** Why who stood first stood first; the reasons of a later release tell themselves. */
export function reasonText(reason: string | null): string {
  if (reason === null) return "the request ended before a backend was chosen";
  const known: Readonly<Record<string, string>> = choiceReasons;
  return Object.hasOwn(known, reason) ? (known[reason] ?? reason) : inWords(reason);
}

/** What became of an attempt. */
export function attemptEnd({ error_type: error, status }: AttemptRecord): string {
  if (error === null) return "answered";
  return status === null || status === 200 ? inWords(error) : `${inWords(error)} (${status})`;
}

export function attemptLook({ error_type: error }: AttemptRecord): "good" | "urgent" | "quiet" {
  if (error === null) return "good";
  return error === "superseded" || error === "client_closed_request" ? "quiet" : "urgent";
}

/** `nova-micro (throttled) → nova-lite`. */
export function chainText({ attempts }: RequestRecord): string {
  return attempts
    .map(({ backend, error_type: error }) =>
      error === null ? backend : `${backend} (${inWords(error)})`,
    )
    .join(" → ");
}

/** What else was unusual about a request, in a few words each. */
export function notesOf(record: RequestRecord): string[] {
  const {
    fallback_reason: fallback,
    envelope_missed: missed,
    safety,
    limits,
    denied,
    arm,
  } = record;
  return [
    fallback === null ? "" : `fallback: ${fallback}`,
    missed ? "envelope missed" : "",
    safety === null || safety.action === "allow" ? "" : `safety: ${safety.action}`,
    limits === null || limits.action === "allow" ? "" : `limits: ${limits.action}`,
    denied === null ? "" : `no ${denied} left`,
    arm === null ? "" : `arm: ${arm}`,
    record.error_type === null ? "" : inWords(record.error_type),
  ].filter((each) => each !== "");
}
