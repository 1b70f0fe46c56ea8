import { styleText } from "node:util";
import type { RecordSink, RequestRecord } from "../records/index.ts";
import { visibleText } from "./visible-text.ts";

/** Writes one line a request for people to read, in place of the JSON record. */
export function requestLines(write: (line: string) => void): RecordSink {
  return {
    write: (record) => {
      // A golden set is some hundred requests that nobody made.
      if (record.stream === "request" && record.arm !== "golden") write(requestLine(record));
    },
    dropped: () => 0,
    flush: async () => undefined,
    close: async () => undefined,
  };
}

/** `16:29:01 200 assistant → nova-lite  planned (79 % sure), 412 ms, first token 201 ms, 35+120 tokens, $0.000031, 98 % below the baseline` */
export function requestLine(record: RequestRecord): string {
  const time = new Date(record.ts).toLocaleTimeString("en-GB");
  const parts = [time, statusText(record), visibleText(record.request_model ?? "-")];
  const trail = record.attempts.map(attemptText);
  if (trail.length > 0) parts.push("→", trail.join(" → "));
  const facts = [...reasonTexts(record), `${Math.round(record.latency_ms)} ms`];
  if (record.streaming && record.ttft_ms !== null) {
    facts.push(`first token ${Math.round(record.ttft_ms)} ms`);
  }
  if (record.tokens !== null) facts.push(tokensText(record));
  if (record.cost_usd > 0) facts.push(`$${record.cost_usd.toFixed(6)}`);
  const saved = savedText(record);
  if (saved !== undefined) facts.push(saved);
  return `${parts.join(" ")}  ${facts.join(", ")}${noteText(record)}`;
}

function statusText({ status, error_type: errorType }: RequestRecord): string {
  const good = status < 400 && errorType === null;
  return styleText(
    good ? "green" : status < 500 && status >= 400 ? "yellow" : "red",
    String(status),
  );
}

/** Why the first candidate was chosen, and how sure that it answers well. An author's own order needs no words. */
function reasonTexts({ choice_reason: reason, confidence }: RequestRecord): string[] {
  if (reason === null || reason === "ordered" || reason === "weighted") return [];
  const sure = confidence === null ? "" : ` (${Math.round(confidence * 100)} % sure)`;
  return [`${reason.replaceAll("_", " ")}${sure}`];
}

function attemptText(attempt: RequestRecord["attempts"][number]): string {
  const failed = attempt.error_type;
  return failed === null ? attempt.backend : `${attempt.backend} (${failed})`;
}

function tokensText({ tokens, token_source: source }: RequestRecord): string {
  if (tokens === null) return "";
  const input = tokens.in + tokens.cache_read + tokens.cache_write;
  return `${source === "estimated" ? "about " : ""}${input}+${tokens.out} tokens`;
}

function savedText({
  baseline_cost_usd: baseline,
  cost_usd: cost,
}: RequestRecord): string | undefined {
  if (baseline === null || baseline <= cost || baseline === 0) return undefined;
  return `${Math.round((1 - cost / baseline) * 100)} % below the baseline`;
}

function noteText(record: RequestRecord): string {
  const notes: string[] = [];
  if (record.fallback_reason !== null) notes.push(`fallback: ${record.fallback_reason}`);
  if (record.envelope_missed) notes.push("envelope missed");
  const filtered = record.safety?.action ?? "allow";
  if (filtered !== "allow") notes.push(`safety: ${filtered}`);
  if (record.error_type !== null) notes.push(record.error_type);
  return notes.length === 0 ? "" : `  [${notes.join(", ")}]`;
}
