import { describe, expect, it } from "vitest";
import { asStreamBreak, translateAwsError } from "../../../src/providers/aws-error.ts";
import { readAwsFault, retryAfterMs } from "../../../src/providers/aws-fault.ts";
import { ProviderError, type ProviderErrorCode } from "../../../src/providers/index.ts";

const signal = new AbortController().signal;

interface Told {
  name: string;
  message?: string;
  status?: number;
  headers?: Record<string, string>;
  [member: string]: unknown;
}

/** An error as the SDK throws it. */
function thrown({ name, message = "", status, headers = {}, ...members }: Told): Error {
  const error = Object.assign(new Error(message), { name, ...members });
  if (status === undefined) return error;
  const $metadata = { httpStatusCode: status, requestId: "r-1" };
  return Object.assign(error, { $metadata, $response: { statusCode: status, headers } });
}

function codeOf(
  told: Told,
  broken: "stream_broken" | "connection_failed" = "connection_failed",
): ProviderErrorCode {
  const error = translateAwsError(thrown(told), { signal, broken });
  if (!(error instanceof ProviderError)) throw new Error("No ProviderError");
  return error.code;
}

describe("an error of AWS", () => {
  it.each<[Told, ProviderErrorCode]>([
    // The name, in every form that services write it in, beats the status.
    [{ name: "ThrottlingException", status: 400 }, "throttled"],
    [{ name: "throttlingException" }, "throttled"],
    [{ name: "Throttling", status: 503 }, "throttled"],
    [{ name: "TooManyRequestsException", status: 429 }, "throttled"],
    [{ name: "ModelNotReadyException", status: 429 }, "model_not_ready"],
    [{ name: "ServiceQuotaExceededException", status: 400 }, "quota_exceeded"],
    [{ name: "ResourceNotFoundException", status: 404 }, "model_not_found"],
    [{ name: "AccessDeniedException", status: 403 }, "access_denied"],
    [{ name: "AccessDenied", status: 400 }, "access_denied"],
    [{ name: "ExpiredToken", status: 400 }, "access_denied"],
    [{ name: "UnrecognizedClientException", status: 403 }, "access_denied"],
    [{ name: "InvalidSignatureException", status: 403 }, "access_denied"],
    [{ name: "ModelTimeoutException", status: 408 }, "timeout"],
    [{ name: "ModelErrorException", status: 424, originalStatusCode: 500 }, "model_error"],
    [{ name: "ModelErrorException", status: 424 }, "model_error"],
    [{ name: "ModelErrorException", status: 424, originalStatusCode: 400 }, "model_refused"],
    [{ name: "ModelError", status: 424, OriginalStatusCode: 422 }, "model_refused"],
    [{ name: "ModelError", status: 424, OriginalStatusCode: 429 }, "throttled"],
    [{ name: "ModelStreamErrorException", status: 424 }, "stream_broken"],
    [{ name: "InternalServerException", status: 500 }, "internal"],
    [{ name: "InternalFailure", status: 500 }, "internal"],
    [{ name: "InternalError", status: 200 }, "internal"],
    [{ name: "InternalDependencyException", status: 530 }, "internal"],
    [{ name: "ServiceUnavailable", status: 503 }, "unavailable"],
    [{ name: "SerializationException", status: 400 }, "invalid_request"],
    // Words of a validation tell what it is about.
    [{ name: "ValidationException", status: 400 }, "invalid_request"],
    [{ name: "ValidationException", message: "too many tokens", status: 400 }, "context_overflow"],
    [
      { name: "ValidationException", message: "Input is too long for requested model." },
      "context_overflow",
    ],
    [
      { name: "ValidationError", message: "prompt is too long: 300000 tokens > 200000 maximum" },
      "context_overflow",
    ],
    [
      { name: "ValidationException", message: "The provided model identifier is invalid." },
      "model_not_found",
    ],
    // A header's name, whatever stands behind it, beats what the SDK made of it.
    [
      {
        name: "SyntaxError",
        status: 400,
        headers: { "x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/coral/" },
      },
      "throttled",
    ],
    [{ name: "com.amazon.coral#ThrottlingException", status: 400 }, "throttled"],
    // A name that says nothing leaves the status.
    [{ name: "Unknown", status: 401 }, "access_denied"],
    [{ name: "Unknown", status: 404 }, "model_not_found"],
    [{ name: "Unknown", status: 408 }, "timeout"],
    [{ name: "Unknown", status: 413 }, "invalid_request"],
    [{ name: "Unknown", status: 429 }, "throttled"],
    [{ name: "SyntaxError", status: 500 }, "internal"],
    [{ name: "SyntaxError", status: 502 }, "unavailable"],
    [{ name: "SyntaxError", status: 504 }, "unavailable"],
    // Nothing arrived, or not all.
    [{ name: "Error", code: "ECONNREFUSED" }, "connection_failed"],
    [{ name: "Error", code: "ENOTFOUND" }, "connection_failed"],
    [{ name: "TimeoutError", code: "ECONNRESET" }, "connection_failed"],
    [{ name: "TimeoutError", code: "EPIPE" }, "connection_failed"],
    [{ name: "TimeoutError", code: "ETIMEDOUT" }, "timeout"],
    [{ name: "TimeoutError" }, "timeout"],
    [{ name: "Error", code: "ECONNRESET", status: 200 }, "connection_failed"],
    [{ name: "SyntaxError", status: 200 }, "malformed_reply"],
    [{ name: "SyntaxError", status: 400 }, "malformed_reply"],
    [{ name: "SyntaxError", status: 503 }, "unavailable"],
    [{ name: "AnswerTooLarge", status: 200 }, "malformed_reply"],
    [{ name: "AnswerTooLarge", status: 400 }, "malformed_reply"],
    [{ name: "RangeError" }, "invalid_request"],
  ])("%j is %s", (told, code) => {
    expect(codeOf(told)).toBe(code);
  });

  it("without a name breaks a stream that had begun", () => {
    expect(codeOf({ name: "Error", message: "aborted", status: 200 }, "stream_broken")).toBe(
      "stream_broken",
    );
    expect(codeOf({ name: "throttlingException", status: 200 }, "stream_broken")).toBe("throttled");
  });

  it("is the caller's own reason once the caller has left", () => {
    const reason = new Error("Left");
    const left = AbortSignal.abort(reason);
    const error = thrown({ name: "AbortError" });
    expect(translateAwsError(error, { signal: left, broken: "stream_broken" })).toBe(reason);
  });

  it("carries what the record and the client's next attempt need", () => {
    const headers = { "retry-after": "2" };
    const error = thrown({ name: "ThrottlingException", status: 429, headers });
    expect(translateAwsError(error, { signal, broken: "stream_broken" })).toMatchObject({
      code: "throttled",
      fallback: "RateLimited",
      details: {
        retryAfterMs: 2000,
        requestId: "r-1",
        upstreamStatus: 429,
        upstreamName: "ThrottlingException",
        cause: error,
      },
    });
  });

  it("keeps the vendor's words about a request, without accounts and addresses", () => {
    const message = "Bad field at https://x.example/a for arn:aws:iam::123456789012:role/a.";
    const error = thrown({ name: "ValidationException", status: 400, message });
    expect(translateAwsError(error, { signal, broken: "stream_broken" })).toMatchObject({
      message: "Bad field at [url] for [arn]",
    });
  });

  it.each([
    ["The key AKIAIOSFODNN7EXAMPLE of 123456789012 is off", "The key [key] of [account] is off"],
    ["Ask vpce-1.bedrock.us-east-1.vpce.amazonaws.com:443 or 10.0.0.7:80", "Ask [host] or [host]"],
    ["Bad\n    at handler (/usr/src/app.js:3:4)\n    at more", "Bad"],
    ['Bad Traceback (most recent call last):\n  File "/opt/x.py", line 3', "Bad"],
    [
      "messages.0: use claude-3.5 at 12:30, not 4.6.7",
      "messages.0: use claude-3.5 at 12:30, not 4.6.7",
    ],
    ["UnknownError", "The model's provider refused the request"],
  ])("says of %j no more than %j", (message, told) => {
    const error = thrown({ name: "ValidationException", status: 400, message });
    expect(translateAwsError(error, { signal, broken: "stream_broken" })).toMatchObject({
      message: told,
    });
  });

  it("after the first frame is the stream's end, and keeps its details", () => {
    const throttled = new ProviderError("throttled", "no", { requestId: "r-2" });
    expect(asStreamBreak(throttled)).toMatchObject({
      code: "stream_broken",
      details: { requestId: "r-2" },
    });
    const reason = new Error("Left");
    expect(asStreamBreak(reason)).toBe(reason);
  });

  it("may be anything at all", () => {
    for (const odd of [undefined, null, "text", 7, {}, { $metadata: 1, $response: null }]) {
      expect(readAwsFault(odd).message).toBe("");
      expect(translateAwsError(odd, { signal, broken: "stream_broken" })).toBeInstanceOf(
        ProviderError,
      );
    }
  });
});

describe("Retry-After", () => {
  const now = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
  it.each([
    ["7", 7000],
    [" 0.5 ", 500],
    ["0", 0],
    ["Wed, 21 Oct 2026 07:28:30 GMT", 30_000],
    ["Wed, 21 Oct 2026 07:27:00 GMT", 0],
    ["-1", undefined],
    ["soon", undefined],
    ["2026", 2_026_000],
    ["999999999", 86_400_000],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 86_400_000],
    ["", undefined],
    [undefined, undefined],
  ])("%j is %j ms", (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
