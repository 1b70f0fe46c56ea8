import { AwsError } from "../aws-error.ts";
import { errorFrame, eventFrame, exceptionFrame } from "../event-stream.ts";
import type { Fault, FaultKind } from "./fault.ts";

type ErrorForm = [shape: string, status: number, message: string];

const bedrock: Partial<Record<FaultKind, ErrorForm>> = {
  throttling: ["ThrottlingException", 429, "Too many requests, please wait before trying again."],
  "internal-error": [
    "InternalServerException",
    500,
    "The system encountered an unexpected error during processing. Try your request again.",
  ],
  "service-unavailable": [
    "ServiceUnavailableException",
    503,
    "Bedrock is unable to process your request.",
  ],
  "model-error": [
    "ModelErrorException",
    424,
    "The request failed due to an error while processing the model.",
  ],
  "model-not-ready": [
    "ModelNotReadyException",
    429,
    "Model is not ready for inference. Wait and try your request again.",
  ],
  "model-timeout": [
    "ModelTimeoutException",
    408,
    "Model has timed out in processing the request. Try your request again.",
  ],
  "access-denied": [
    "AccessDeniedException",
    403,
    "You don't have access to the model with the specified model ID.",
  ],
  "expired-token": [
    "ExpiredTokenException",
    403,
    "The security token included in the request is expired",
  ],
  "validation-error": ["ValidationException", 400, "The provided request is not valid"],
  "resource-not-found": ["ResourceNotFoundException", 404, "The provided model ARN was not found."],
  "service-quota": [
    "ServiceQuotaExceededException",
    400,
    "Your request exceeds the service quota for your account.",
  ],
};

const sagemaker: Partial<Record<FaultKind, ErrorForm>> = {
  throttling: ["ThrottlingException", 429, "Rate exceeded"],
  "internal-error": [
    "InternalFailure",
    500,
    "The request processing has failed because of an unknown error, exception or failure.",
  ],
  "service-unavailable": ["ServiceUnavailable", 503, "The service is currently unavailable."],
  "model-error": [
    "ModelError",
    424,
    "Received server error from the container with message. See the CloudWatch logs of the endpoint for more information.",
  ],
  "model-not-ready": [
    "ModelNotReadyException",
    429,
    "The model is not ready to serve inference requests.",
  ],
  "model-timeout": [
    "ModelError",
    424,
    'Received server error (0) from primary with message "Your invocation timed out while waiting for a response from container primary."',
  ],
  "access-denied": [
    "AccessDeniedException",
    403,
    "User is not authorized to perform: sagemaker:InvokeEndpoint on this resource",
  ],
  "expired-token": [
    "ExpiredTokenException",
    403,
    "The security token included in the request is expired",
  ],
  "validation-error": ["ValidationError", 400, "The provided request is not valid"],
  "resource-not-found": ["ValidationError", 400, "Endpoint of account 123456789012 not found."],
  "service-quota": ["ThrottlingException", 429, "Account-level service limit reached"],
};

/** The error that stands in place of an answer; undefined where the fault acts elsewhere. */
export function faultError(fault: Fault, service: string): AwsError | undefined {
  const form = (service === "bedrock" ? bedrock : sagemaker)[fault.kind];
  if (form === undefined) return undefined;
  const [shape, status, message] = form;
  const headers =
    fault.retryAfterSeconds === undefined ? {} : { "retry-after": String(fault.retryAfterSeconds) };
  return new AwsError(shape, status, fault.message ?? message, {
    headers,
    members: errorMembers(shape, fault),
  });
}

function errorMembers(shape: string, fault: Fault): Record<string, unknown> {
  const original = fault.originalStatusCode ?? 500;
  if (shape === "ModelErrorException")
    return { originalStatusCode: original, resourceName: "simulated-model" };
  if (shape !== "ModelError") return {};
  return {
    OriginalStatusCode: fault.kind === "model-timeout" ? 0 : original,
    OriginalMessage: fault.message ?? "CUDA out of memory.",
    LogStreamArn:
      "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/simulated",
  };
}

/** The frame that ends a stream by a fault. */
export function faultFrame(fault: Fault, service: string): Buffer {
  const message =
    fault.message ??
    "The system encountered an error in the middle of the stream. Try your request again.";
  if (fault.kind === "error-frame") return errorFrame("InternalError", message);
  if (service === "bedrock") {
    const type = fault.exception ?? "modelStreamErrorException";
    const original =
      type === "modelStreamErrorException"
        ? { originalStatusCode: fault.originalStatusCode ?? 500, originalMessage: message }
        : {};
    return exceptionFrame(type, { message, ...original });
  }
  const type = fault.exception ?? "ModelStreamError";
  return exceptionFrame(type, {
    Message: message,
    ...(type === "ModelStreamError" ? { ErrorCode: "StreamBroken" } : {}),
  });
}

/** What a service sends that has learnt more than its clients know of. */
export function unknownEvent(service: string): Buffer {
  const [type, payload] =
    service === "bedrock"
      ? ["modelMoodChange", { mood: "calm" }]
      : ["ContainerNews", { News: "none" }];
  return eventFrame(type, payload);
}
