/** What an error thrown by an AWS SDK client says, whatever its form. */
export interface AwsFault {
  /** The exception's bare name as its service wrote it, or the name of a local error. */
  name: string;
  /** Absent where no answer arrived. 200 where it broke after it had begun. */
  status?: number;
  message: string;
  requestId?: string;
  retryAfterMs?: number;
  /** The container's own status, as ModelError carries it. */
  originalStatus?: number;
  /** Node's code of a socket's or resolver's failure, such as ECONNRESET. */
  networkCode?: string;
  /** The SDK's own mark of a request that waited too long. */
  timedOut: boolean;
}

type Fields = Record<string, unknown>;

/** @param now milliseconds since the epoch, against which an HTTP date in Retry-After is read */
export function readAwsFault(error: unknown, now = Date.now()): AwsFault {
  const fields = asFields(error);
  const metadata = asFields(fields["$metadata"]);
  const response = asFields(fields["$response"]);
  const headers = asFields(response["headers"]);
  return {
    name: faultName(fields, headers),
    message:
      originalMessage(fields) ?? asText(fields["message"]) ?? asText(fields["Message"]) ?? "",
    timedOut: fields["name"] === "TimeoutError",
    ...present("status", asNumber(metadata["httpStatusCode"]) ?? asNumber(response["statusCode"])),
    ...present("requestId", asText(metadata["requestId"]) ?? asText(headers["x-amzn-requestid"])),
    ...present("retryAfterMs", retryAfterMs(asText(headers["retry-after"]), now)),
    ...present("originalStatus", originalStatus(fields)),
    ...present("networkCode", networkCode(fields)),
  };
}

/** Nobody waits longer, and what is asked for more is not meant: a day. */
const longestWaitMs = 86_400_000;

/**
 * Milliseconds to wait by a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3). What
 * cannot be read counts as absent.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(text))
    return Math.min(longestWaitMs, Math.round(Number(text) * 1000));
  // Date.parse takes many a text for a date; an HTTP date begins with the day's name.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.min(longestWaitMs, Math.max(0, date - now));
}

function faultName(fields: Fields, headers: Fields): string {
  const header = asText(headers["x-amzn-errortype"]);
  return bareName(header ?? asText(fields["name"]) ?? "Error");
}

/** `ns#ThrottlingException:http://…` → `ThrottlingException`. */
function bareName(name: string): string {
  const unsuffixed = name.split(/[:,]/, 1)[0] ?? name;
  return unsuffixed.slice(unsuffixed.lastIndexOf("#") + 1).trim();
}

function originalStatus(fields: Fields): number | undefined {
  return asNumber(fields["OriginalStatusCode"]) ?? asNumber(fields["originalStatusCode"]);
}

/** What the container itself said, without SageMaker's own words and log address around it. */
function originalMessage(fields: Fields): string | undefined {
  const told = asText(fields["OriginalMessage"]);
  if (told === undefined || told === "") return undefined;
  try {
    return messageMember(JSON.parse(told)) ?? told;
  } catch {
    return told;
  }
}

/** vLLM and LMI write `{error: {message}}` or `{message}`, TGI writes `{error}`. */
function messageMember(body: unknown): string | undefined {
  const { error, message } = asFields(body);
  return asText(error) ?? asText(asFields(error)["message"]) ?? asText(message);
}

function networkCode(fields: Fields): string | undefined {
  const code = asText(fields["code"]) ?? asText(asFields(fields["cause"])["code"]);
  return code !== undefined && /^[A-Z][A-Z0-9_]{2,}$/.test(code) ? code : undefined;
}

const asFields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

const asText = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const asNumber = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

function present<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
