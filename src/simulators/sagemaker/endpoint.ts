import { AwsError } from "../aws-error.ts";
import { eventStreamHeaders, type AnswerPlan } from "../answer-plan.ts";
import type { HandledCall } from "../handled-call.ts";
import { answerChat } from "./chat-container.ts";
import { containerError } from "./container-error.ts";
import { payloadParts, type ContainerReply } from "./payload-parts.ts";
import { answerTgi } from "./tgi-container.ts";

/**
 * InvokeEndpoint and InvokeEndpointWithResponseStream: SageMaker looks at the headers, hands the
 * body to the container as it is, and passes on what comes back, whole or in parts.
 *
 * @throws AwsError ValidationError for the headers, ModelError for what the container refuses
 */
export function invokeEndpoint(call: HandledCall, streaming: boolean): AnswerPlan {
  checkHeaders(call);
  const reply = askContainer(call);
  const custom = headerText(call, "x-amzn-sagemaker-custom-attributes");
  const headers = {
    "x-Amzn-Invoked-Production-Variant":
      headerText(call, "x-amzn-sagemaker-target-variant") || "AllTraffic",
    ...(custom === "" ? {} : { "X-Amzn-SageMaker-Custom-Attributes": custom }),
  };
  if (streaming) {
    const streamHeaders = {
      ...eventStreamHeaders,
      ...headers,
      "X-Amzn-SageMaker-Content-Type": reply.contentType,
    };
    return {
      type: "stream",
      headers: streamHeaders,
      frames: payloadParts(reply.chunks, call.random),
    };
  }
  const body = Buffer.from([...reply.chunks].map((chunk) => chunk.text).join(""));
  return {
    type: "whole",
    headers: { ...headers, "content-type": reply.contentType },
    body,
    atMs: reply.atMs,
    tokens: reply.tokens,
  };
}

function askContainer(call: HandledCall): ContainerReply {
  const body = readObject(call);
  // LMI and vLLM choose by the body: messages speak the chat schema, inputs the older one.
  if (call.model.dialect === "openAiChat") {
    if ("messages" in body) return answerChat(body, call);
    if ("inputs" in body) return answerTgi(body, call);
    throw containerError(call.model.id, 400, {
      object: "error",
      message: "[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required'}]",
      type: "BadRequestError",
      code: 400,
    });
  }
  return answerTgi(body, call);
}

function readObject(call: HandledCall): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(call.body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below, as for any other body that is no object.
  }
  throw containerError(call.model.id, 400, {
    error: "Failed to parse the request body as JSON",
    error_type: "validation",
  });
}

const name = /^[a-zA-Z0-9](?:-*[a-zA-Z0-9])*$/;

const headerRules: Record<string, { pattern: RegExp; max: number; member: string }> = {
  "x-amzn-sagemaker-target-variant": { pattern: name, max: 63, member: "targetVariant" },
  "x-amzn-sagemaker-inference-component": {
    pattern: /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/,
    max: 63,
    member: "inferenceComponentName",
  },
  "x-amzn-sagemaker-session-id": { pattern: name, max: 256, member: "sessionId" },
  "x-amzn-sagemaker-inference-id": { pattern: /^\S[\x20-\x7e]*$/, max: 64, member: "inferenceId" },
  "x-amzn-sagemaker-custom-attributes": {
    pattern: /^[\x00-\x7f]*$/,
    max: 1024,
    member: "customAttributes",
  },
  "x-amzn-sagemaker-target-model": {
    pattern: /^\S[\x20-\x7e]*$/,
    max: 1024,
    member: "targetModel",
  },
};

function checkHeaders(call: HandledCall): void {
  for (const [header, rule] of Object.entries(headerRules)) {
    if (call.headers[header] === undefined) continue;
    const value = headerText(call, header);
    const problem =
      value.length > rule.max
        ? `have length less than or equal to ${rule.max}`
        : `satisfy regular expression pattern: ${rule.pattern.source}`;
    if (value.length <= rule.max && rule.pattern.test(value)) continue;
    throw new AwsError(
      "ValidationError",
      400,
      `1 validation error detected: Value '${value.slice(0, 80)}' at '${rule.member}' failed to satisfy constraint: Member must ${problem}`,
    );
  }
}

const headerText = (call: HandledCall, header: string): string =>
  String(call.headers[header] ?? "");
