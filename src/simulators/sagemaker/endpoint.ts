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

interface HeaderRule {
  member: string;
  pattern: RegExp;
  max: number;
}

const name = /^[a-zA-Z0-9](?:-*[a-zA-Z0-9])*$/;
const printable = /^\S[\x20-\x7e]*$/;

const headerRules: Record<string, HeaderRule> = {
  "target-variant": { member: "targetVariant", pattern: name, max: 63 },
  "target-container-hostname": { member: "targetContainerHostname", pattern: name, max: 63 },
  "inference-component": {
    member: "inferenceComponentName",
    pattern: /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/,
    max: 63,
  },
  "session-id": {
    member: "sessionId",
    pattern: /^(?:NEW_SESSION|[a-zA-Z0-9](?:-*[a-zA-Z0-9])*)$/,
    max: 256,
  },
  "inference-id": { member: "inferenceId", pattern: printable, max: 64 },
  "prefix-aware-id": { member: "prefixAwareId", pattern: printable, max: 64 },
  "target-model": { member: "targetModel", pattern: printable, max: 1024 },
  "custom-attributes": { member: "customAttributes", pattern: /^[\x00-\x7f]*$/, max: 1024 },
  "enable-explanations": { member: "enableExplanations", pattern: /^.+$/, max: 64 },
};

function checkHeaders(call: HandledCall): void {
  for (const [suffix, rule] of Object.entries(headerRules)) {
    const header = `x-amzn-sagemaker-${suffix}`;
    const value = headerText(call, header);
    if (
      call.headers[header] === undefined ||
      (value.length <= rule.max && rule.pattern.test(value))
    )
      continue;
    const limit =
      value.length > rule.max
        ? `have length less than or equal to ${rule.max}`
        : `satisfy regular expression pattern: ${rule.pattern.source}`;
    const words = `1 validation error detected: Value '${value.slice(0, 80)}' at '${rule.member}' failed to satisfy constraint: Member must ${limit}`;
    throw new AwsError("ValidationError", 400, words);
  }
}

const headerText = (call: HandledCall, header: string): string =>
  String(call.headers[header] ?? "");
