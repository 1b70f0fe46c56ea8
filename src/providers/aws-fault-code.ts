import type { AwsFault } from "./aws-fault.ts";
import { tellsContextOverflow } from "./context-overflow.ts";
import type { ProviderErrorCode } from "./provider-error.ts";

// By the exception's name in lower case, without "Exception" or "Error" at its end: services write
// the same fault as ThrottlingException, throttlingException and Throttling.
const codesByName = new Map<string, ProviderErrorCode>([
  ["throttling", "throttled"],
  ["throttled", "throttled"],
  ["toomanyrequests", "throttled"],
  ["requestlimitexceeded", "throttled"],
  ["modelnotready", "model_not_ready"],
  ["servicequotaexceeded", "quota_exceeded"],
  ["limitexceeded", "quota_exceeded"],
  ["resourcenotfound", "model_not_found"],
  ["accessdenied", "access_denied"],
  ["expiredtoken", "access_denied"],
  ["unrecognizedclient", "access_denied"],
  ["invalidclienttokenid", "access_denied"],
  ["invalidsignature", "access_denied"],
  ["signaturedoesnotmatch", "access_denied"],
  ["incompletesignature", "access_denied"],
  ["missingauthenticationtoken", "access_denied"],
  ["requestexpired", "access_denied"],
  ["optinrequired", "access_denied"],
  ["notauthorized", "access_denied"],
  ["modeltimeout", "timeout"],
  ["modelstream", "stream_broken"],
  ["internalstreamfailure", "stream_broken"],
  ["internal", "internal"],
  ["internalserver", "internal"],
  ["internalfailure", "internal"],
  ["internaldependency", "internal"],
  ["serviceunavailable", "unavailable"],
  ["serialization", "invalid_request"],
  ["unknownoperation", "invalid_request"],
]);

const codesByStatus = new Map<number, ProviderErrorCode>([
  [401, "access_denied"],
  [403, "access_denied"],
  [404, "model_not_found"],
  [408, "timeout"],
  [424, "model_error"],
  [429, "throttled"],
  [502, "unavailable"],
  [503, "unavailable"],
  [504, "unavailable"],
]);

/**
 * What a fault means. The name beats the status; a fault with neither is the network's.
 *
 * @returns undefined where an answer had begun with 200 and what followed names nothing: the reader
 * of that answer knows whether a stream or a whole reply is broken
 */
export function faultCode(fault: AwsFault): ProviderErrorCode | undefined {
  return codeOfName(fault) ?? codeOfStatus(fault) ?? codeOfNetwork(fault);
}

function codeOfName(fault: AwsFault): ProviderErrorCode | undefined {
  const name = fault.name.toLowerCase().replace(/(?:error)?(?:exception)?$/, "");
  if (name === "validation") return codeOfValidation(fault.message);
  if (name === "model") return codeOfModelError(fault);
  return codesByName.get(name);
}

// Bedrock's words, then SageMaker's, which has no exception of its own for it.
const unknownModel =
  /model identifier is invalid|model id(?:entifier)? .{0,200}not (?:found|supported)|endpoint .{0,200}not found|(?:variant|inference component) .{0,200}(?:not found|does not exist)/i;

function codeOfValidation(message: string): ProviderErrorCode {
  if (tellsContextOverflow(message)) return "context_overflow";
  return unknownModel.test(message) ? "model_not_found" : "invalid_request";
}

/** A container's own status: its 4xx would be the same everywhere, save those that tell of load. */
function codeOfModelError({ originalStatus, message }: AwsFault): ProviderErrorCode {
  if (originalStatus === 429) return "throttled";
  // SageMaker gives up after a minute, and tells 0 in place of the container's status.
  if (originalStatus === 408 || originalStatus === 0) return "timeout";
  if (originalStatus === undefined || originalStatus < 400 || originalStatus >= 500) {
    return "model_error";
  }
  return tellsContextOverflow(message) ? "context_overflow" : "model_refused";
}

function codeOfStatus(fault: AwsFault): ProviderErrorCode | undefined {
  const { status } = fault;
  if (status === undefined || status < 400) return undefined;
  const known = codesByStatus.get(status);
  if (known !== undefined || status >= 500) return known ?? "internal";
  // AWS says in JSON what is wrong with a request: this is somebody else's word.
  return isUnreadable(fault) ? "malformed_reply" : "invalid_request";
}

const unreadable = new Set(["SyntaxError", "TypeError", "RangeError", "AnswerTooLarge"]);

/** Whether an answer came that is no JSON, holds what it may not, or is too large or deep to be read. */
export const isUnreadable = ({ name, networkCode }: AwsFault): boolean =>
  unreadable.has(name) && networkCode === undefined;

// The SDK names a reset connection TimeoutError too: its code tells the two apart.
function codeOfNetwork(fault: AwsFault): ProviderErrorCode | undefined {
  // Also in the midst of an answer.
  if (fault.networkCode !== undefined && isTimeout(fault.networkCode)) return "timeout";
  if (fault.status !== undefined) return undefined;
  // Too deep a body for the SDK to write, for one: nothing was sent.
  if (fault.name === "RangeError") return "invalid_request";
  return fault.networkCode === undefined && fault.timedOut ? "timeout" : "connection_failed";
}

const isTimeout = (code: string): boolean =>
  code === "ETIMEDOUT" ||
  code === "ERR_SOCKET_CONNECTION_TIMEOUT" ||
  /^UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT$/.test(code);
