import type { ReachBackend } from "../contract.ts";
import type { EventMessage } from "../lean/event-stream.ts";
import type { Head } from "../lean/exchange.ts";
import { LeanService, type ServiceCall } from "../lean/lean-service.ts";
import { faultIn, requestIdOf } from "../lean/refusal.ts";
import { encodeSegment } from "../lean/sigv4.ts";
import type { Invocation } from "./invocation.ts";
import type { InvokeCall, SageMakerTransport } from "./transport.ts";

/** SageMaker Runtime over connections and signatures of our own. */
export function leanTransport(reach: ReachBackend): SageMakerTransport {
  const service = new LeanService("sagemaker", reach);
  return {
    invoke: async (call) =>
      service.whole(serviceCall(call, "invocations", "accept"), (answer) => ({
        body: answer.body,
        ...identified(answer),
      })),
    stream: async (call) => {
      const asked = serviceCall(call, "invocations-response-stream", "x-amzn-sagemaker-accept");
      const { head, events, close } = await service.stream(asked, readPart);
      const contentType = head.headers["x-amzn-sagemaker-content-type"];
      return {
        parts: events,
        close,
        ...identified(head),
        ...(typeof contentType === "string" ? { contentType } : {}),
      };
    },
    close: () => service.close(),
  };
}

type Named = Exclude<keyof Invocation, "EndpointName" | "Body" | "Accept">;

const headerNames: readonly (readonly [member: Named, header: string])[] = [
  ["ContentType", "content-type"],
  ["InferenceComponentName", "x-amzn-sagemaker-inference-component"],
  ["TargetVariant", "x-amzn-sagemaker-target-variant"],
  ["CustomAttributes", "x-amzn-sagemaker-custom-attributes"],
];

function serviceCall(call: InvokeCall, operation: string, acceptHeader: string): ServiceCall {
  const { backend, signal, invocation } = call;
  const headers: Record<string, string> = {
    [acceptHeader]: invocation.Accept,
    // What compresses on the way would hold a stream back.
    "accept-encoding": "identity",
  };
  for (const [member, header] of headerNames) {
    const value = invocation[member];
    if (value !== undefined) headers[header] = value;
  }
  const body = Buffer.from(invocation.Body);
  const path = `/endpoints/${encodeSegment(invocation.EndpointName)}/${operation}`;
  return { backend, signal, path, headers, body };
}

const failures = new Set(["ModelStreamError", "InternalStreamFailure"]);

/** A failure may come as an event too; what is neither says nothing. */
function readPart(message: EventMessage): Buffer | undefined {
  const { ":message-type": kind, ":event-type": type } = message.labels;
  if (kind !== "event" || type === undefined || failures.has(type)) throw faultIn(message);
  return type === "PayloadPart" ? message.payload : undefined;
}

function identified({ headers }: Head): { requestId?: string; variant?: string } {
  const requestId = requestIdOf(headers);
  const variant = headers["x-amzn-invoked-production-variant"];
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(typeof variant === "string" ? { variant } : {}),
  };
}
