import {
  InternalDependencyException,
  InternalStreamFailure,
  ModelError,
  ModelNotReadyException,
  ModelStreamError,
  ServiceUnavailable,
  ValidationError,
} from "@aws-sdk/client-sagemaker-runtime";
import { describe, expect, it } from "vitest";
import { translateAwsError } from "../../../../src/providers/aws-error.ts";
import type { ProviderError } from "../../../../src/providers/index.ts";

const { signal } = new AbortController();
const metadata = (httpStatusCode: number) => ({ $metadata: { httpStatusCode, requestId: "r-1" } });

const modelError = (OriginalStatusCode: number, told: unknown) =>
  new ModelError({
    message: `Received error (${OriginalStatusCode}) from primary. See https://console.aws.amazon.com/ in account 123456789012`,
    OriginalStatusCode,
    OriginalMessage: typeof told === "string" ? told : JSON.stringify(told),
    LogStreamArn: "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/sagemaker",
    ...metadata(424),
  });

/** What the SDK throws for a name that its service model lacks. */
const unmodelled = (name: string, status: number, message = "no") =>
  Object.assign(new Error(message), { name, $fault: "client", ...metadata(status) });

const translate = (error: unknown): ProviderError =>
  translateAwsError(error, { signal, broken: "connection_failed" }) as ProviderError;

describe("an error of SageMaker", () => {
  it.each<[string, unknown, string]>([
    ["a failed container", modelError(500, "Traceback (most recent call last): …"), "model_error"],
    ["a container without a status", modelError(0, "Your invocation timed out"), "timeout"],
    [
      "a container that refuses",
      modelError(400, { message: "temperature must be in [0, 2]" }),
      "model_refused",
    ],
    ["a container that is throttled", modelError(429, "slow down"), "throttled"],
    [
      "too long a conversation for vLLM",
      modelError(400, {
        object: "error",
        message: "This model's maximum context length is 4096 tokens.",
      }),
      "context_overflow",
    ],
    [
      "too long a conversation for TGI",
      modelError(422, {
        error:
          "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000",
        error_type: "validation",
      }),
      "context_overflow",
    ],
    [
      "too long an input for TGI",
      modelError(422, {
        error: "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000",
      }),
      "context_overflow",
    ],
    [
      "a model that is being loaded",
      new ModelNotReadyException({ message: "", ...metadata(429) }),
      "model_not_ready",
    ],
    [
      "a service that is away",
      new ServiceUnavailable({ message: "", ...metadata(503) }),
      "unavailable",
    ],
    [
      "a dependency that failed",
      new InternalDependencyException({ message: "", ...metadata(530) }),
      "internal",
    ],
    [
      "an invalid request",
      new ValidationError({ message: "1 validation error detected", ...metadata(400) }),
      "invalid_request",
    ],
    [
      "an unknown endpoint",
      new ValidationError({
        message: "Endpoint mine of account 123456789012 not found.",
        ...metadata(400),
      }),
      "model_not_found",
    ],
    [
      "an unknown component",
      new ValidationError({ message: "Inference Component mine not found", ...metadata(400) }),
      "model_not_found",
    ],
    ["an unmodelled throttling", unmodelled("ThrottlingException", 400), "throttled"],
    ["throttling in camel case", unmodelled("throttlingException", 400), "throttled"],
    [
      "throttling with its namespace and a suffix",
      unmodelled("com.amazonaws#ThrottlingException:http://internal/", 400),
      "throttled",
    ],
    [
      "a broken stream",
      new ModelStreamError({ message: "", ErrorCode: "StreamBroken", ...metadata(200) }),
      "stream_broken",
    ],
    [
      "a stream that failed",
      new InternalStreamFailure({ message: "", ...metadata(200) }),
      "stream_broken",
    ],
  ])("is told apart: %s", (_, error, code) => {
    expect(translate(error)).toMatchObject({
      name: "ProviderError",
      code,
      details: { requestId: "r-1" },
    });
  });

  it("tells the client the container's own words, and nothing of the account", () => {
    const refused = translate(modelError(400, { error: { message: "top_p must be in (0, 1]" } }));
    expect(refused.message).toBe("top_p must be in (0, 1]");
    const failed = translate(modelError(500, "Traceback (most recent call last): File server.py"));
    expect(failed.message).toBe("The model failed");
  });
});
