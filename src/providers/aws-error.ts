import { faultCode, isUnreadable } from "./aws-fault-code.ts";
import { type AwsFault, readAwsFault } from "./aws-fault.ts";
import { ProviderError, type ProviderErrorCode } from "./provider-error.ts";

interface Reading {
  signal: AbortSignal;
  /** What an answer is that had begun with 200 and then failed without a name. */
  broken: "stream_broken" | "connection_failed";
  /** Whether the answer had begun with 200: what breaks after that may not tell of it. */
  begun?: boolean;
  /** As the answer's head told it, for what broke after. */
  requestId?: string | undefined;
}

/**
 * The error to throw in place of one that a client of AWS threw: the signal's reason where the
 * caller aborted, else a ProviderError.
 */
export function translateAwsError(error: unknown, reading: Reading): unknown {
  if (reading.signal.aborted) return reading.signal.reason;
  if (error instanceof ProviderError) return error;
  const read = readAwsFault(error);
  const fault = reading.begun === true ? { status: 200, ...read } : read;
  const code = faultCode(fault) ?? brokenCode(fault, reading);
  return new ProviderError(code, clientMessage(code, fault), {
    retryAfterMs: fault.retryAfterMs,
    requestId: fault.requestId ?? reading.requestId,
    upstreamStatus: fault.status,
    upstreamName: fault.name,
    cause: error,
  });
}

/** What a ProviderError becomes once frames have been given out: the stream's end, whatever it was. */
export function asStreamBreak(error: unknown): unknown {
  if (!(error instanceof ProviderError) || error.code === "stream_broken") return error;
  return new ProviderError("stream_broken", "The model's answer broke off", error.details);
}

/** A whole answer that arrived but is no JSON was not cut: it is malformed. */
function brokenCode(fault: AwsFault, reading: Reading): ProviderErrorCode {
  return reading.broken === "connection_failed" && isUnreadable(fault)
    ? "malformed_reply"
    : reading.broken;
}

// Only what concerns the request itself is the vendor's word; the rest would tell of accounts,
// roles and addresses that are not the client's business.
const ownMessages: Partial<Record<ProviderErrorCode, string>> = {
  throttled: "The model's provider is throttling requests",
  quota_exceeded: "A quota of the model's provider is used up",
  model_not_ready: "The model is not ready",
  model_not_found: "The model's provider does not know the model",
  access_denied: "The model's provider refused the router's credentials",
  timeout: "The model did not answer in time",
  model_error: "The model failed",
  connection_failed: "The connection to the model's provider failed",
  stream_broken: "The model's answer broke off",
  malformed_reply: "The model's provider gave an answer that cannot be read",
  internal: "The model's provider failed",
  unavailable: "The model's provider is unavailable",
};

function clientMessage(code: ProviderErrorCode, fault: AwsFault): string {
  // The SDK met the stack's end in writing the request: the engine's words for it help nobody.
  if (fault.name === "RangeError" && fault.status === undefined)
    return "The request is nested too deeply";
  return (
    ownMessages[code] ?? withoutNames(fault.message) ?? "The model's provider refused the request"
  );
}

const blots: readonly (readonly [RegExp, string])[] = [
  // A stack, in the forms of Node and Python, and all that follows it.
  [/\s*(?:\n\s+at \S.*|Traceback \(most recent|File "[^"]*", line \d)[^]*$/, ""],
  [/arn:aws[\w-]*:[^\s"',)]+/g, "[arn]"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"',)]+/gi, "[url]"],
  [/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g, "[key]"],
  [/\b(?:[\w-]+\.)+(?:amazonaws\.com(?:\.cn)?|api\.aws|internal|local)\b(?::\d+)?/gi, "[host]"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?/g, "[host]"],
  [/\b\d{12}\b/g, "[account]"],
];

/** The vendor's text with all blotted out that tells of whose account and where; undefined where nothing is left. */
export function withoutNames(message: string): string | undefined {
  let text = message.slice(0, 4_000);
  for (const [pattern, blot] of blots) text = text.replace(pattern, blot);
  text = text.slice(0, 1000).trim();
  return /^(?:Unknown(?:Error)?)?$/.test(text) ? undefined : text;
}
