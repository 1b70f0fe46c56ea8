import type { ApplyGuardrailResponse, ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import type { ReachBackend } from "../contract.ts";
import type { EventMessage } from "../lean/event-stream.ts";
import type { Head } from "../lean/exchange.ts";
import { LeanService, type ServiceCall } from "../lean/lean-service.ts";
import { faultIn, requestIdOf } from "../lean/refusal.ts";
import { encodeSegment } from "../lean/sigv4.ts";
import { readConverse, readConverseEvent, writeConverse } from "./converse-json.ts";
import type {
  ApplyGuardrailCall,
  BedrockTransport,
  ConverseCall,
  InvokeCall,
} from "./transport.ts";
import { parseWire } from "./wire-json.ts";

/** Bedrock Runtime over connections and signatures of our own. */
export function leanTransport(reach: ReachBackend): BedrockTransport {
  const service = new LeanService("bedrock", reach);
  return {
    converse: (call) =>
      service.whole(converseCall(call, "converse"), (answer) => {
        const response = readConverse(answer.body);
        const requestId = requestIdOf(answer.headers);
        return requestId === undefined ? { response } : { response, requestId };
      }),
    converseStream: async (call) => {
      const stream = await service.stream(converseCall(call, "converse-stream"), readEvent);
      const { events, close, head } = stream;
      return { events, close, ...identified(head) };
    },
    invoke: async (call) =>
      service.whole(invokeCall(call), ({ body, headers, status }) => ({
        body,
        headers: single(headers),
        ...identified({ headers, status }),
      })),
    applyGuardrail: async (call) =>
      service.whole(applyCall(call), (answer) => ({
        response: readObject(answer.body) as ApplyGuardrailResponse,
        ...identified(answer),
      })),
    close: () => service.close(),
  };
}

// What compresses on the way would hold a stream back.
const jsonHeaders = { "content-type": "application/json", "accept-encoding": "identity" };

const segments = new Map<string, string>();
const mostSegments = 1_000;

function pathOf(modelId: string, operation: string): string {
  let segment = segments.get(modelId);
  if (segment === undefined) {
    segment = encodeSegment(modelId);
    // Few models stand in a table, and every request names one.
    if (segments.size >= mostSegments) segments.clear();
    segments.set(modelId, segment);
  }
  return `/model/${segment}/${operation}`;
}

function converseCall({ backend, signal, converse }: ConverseCall, operation: string): ServiceCall {
  return {
    backend,
    signal,
    path: pathOf(converse.modelId ?? "", operation),
    headers: jsonHeaders,
    body: writeConverse(converse),
  };
}

function invokeCall({ backend, signal, modelId, body, serviceTier }: InvokeCall): ServiceCall {
  const headers = { ...jsonHeaders, accept: "application/json" };
  return {
    backend,
    signal,
    path: pathOf(modelId, "invoke"),
    headers:
      serviceTier === undefined
        ? headers
        : { ...headers, "x-amzn-bedrock-service-tier": serviceTier },
    body: Buffer.from(body),
  };
}

function applyCall({ backend, signal, apply }: ApplyGuardrailCall): ServiceCall {
  const { guardrailIdentifier = "", guardrailVersion = "", ...body } = apply;
  const [id, version] = [guardrailIdentifier, guardrailVersion].map(encodeSegment);
  return {
    backend,
    signal,
    path: `/guardrail/${id}/version/${version}/apply`,
    headers: jsonHeaders,
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** @throws SyntaxError */
const readObject = (body: Buffer): unknown => (body.length === 0 ? {} : parseWire(body.toString()));

const events = new Set([
  "messageStart",
  "contentBlockStart",
  "contentBlockDelta",
  "contentBlockStop",
  "messageStop",
  "metadata",
]);

/** An event that the service's model does not know, or knows as something else, says nothing. */
function readEvent(message: EventMessage): ConverseStreamOutput | undefined {
  const { ":message-type": kind, ":event-type": type } = message.labels;
  if (kind !== "event" || type === undefined) throw faultIn(message);
  return events.has(type) ? readConverseEvent(type, message.payload) : undefined;
}

function identified({ headers }: Head): { requestId?: string } {
  const requestId = requestIdOf(headers);
  return requestId === undefined ? {} : { requestId };
}

/** A header that stands twice is no header of these services. */
function single(headers: Head["headers"]): Record<string, string> {
  const texts = Object.entries(headers).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(texts) as Record<string, string>;
}
