import type { Head } from "./exchange.ts";
import type { EventMessage } from "./event-stream.ts";
import type { WholeAnswer } from "./whole-answer.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An error with what the SDK's have too, so that both are read by the same code. */
type AwsSideError = Error & {
  $metadata?: { httpStatusCode: number; requestId: string | undefined };
  $response?: { statusCode: number; headers: Head["headers"] };
};

/** The error that an answer of status 300 and more stands for. */
export function refusalOf(answer: WholeAnswer): Error {
  const fields = readFields(answer.body);
  if (fields instanceof Error) return underHead(fields, answer);
  const name = asText(fields["code"]) ?? asText(fields["Code"]) ?? asText(fields["__type"]);
  return underHead(faultOf(name ?? "Unknown", fields), answer);
}

/** The error that a message stands for which is no event, or one without a name. */
export function faultIn({ labels, payload }: EventMessage): Error {
  const { ":error-code": code, ":error-message": message = "" } = labels;
  if (code !== undefined) return Object.assign(new Error(message), { name: code });
  const fields = readFields(payload);
  const name = labels[":exception-type"] ?? labels[":event-type"] ?? "Unknown";
  return faultOf(
    // As the service's model names its shape; on the wire stands the name of the union's member.
    name.charAt(0).toUpperCase() + name.slice(1),
    fields instanceof Error ? { message: payload.toString() } : fields,
  );
}

/** Marks an error with the answer that it befell. */
export function underHead(error: unknown, { status, headers }: Head): Error {
  const failure: AwsSideError =
    error instanceof Error ? error : new Error("Reading an answer failed", { cause: error });
  failure.$metadata = { httpStatusCode: status, requestId: requestIdOf(headers) };
  failure.$response = { statusCode: status, headers };
  return failure;
}

export function requestIdOf(headers: Head["headers"]): string | undefined {
  return (
    asText(headers["x-amzn-requestid"]) ??
    asText(headers["x-amzn-request-id"]) ??
    asText(headers["x-amz-request-id"])
  );
}

function faultOf(name: string, fields: Fields): Error {
  const message = asText(fields["message"]) ?? asText(fields["Message"]) ?? "UnknownError";
  const { OriginalStatusCode, OriginalMessage, originalStatusCode } = fields;
  return Object.assign(new Error(message), {
    name,
    OriginalStatusCode,
    OriginalMessage,
    originalStatusCode,
  });
}

/** @returns a SyntaxError for a body that is no JSON */
function readFields(body: Buffer): Fields | Error {
  if (body.length === 0) return {};
  try {
    const value = JSON.parse(body.toString()) as unknown;
    return typeof value === "object" && value !== null ? (value as Fields) : {};
  } catch (error) {
    return error as SyntaxError;
  }
}

const asText = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;
