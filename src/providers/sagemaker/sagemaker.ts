import { makeFrameCollector, type ChatReply, type Frame } from "../../openai/index.ts";
import type { BackendEntry } from "../../table/index.ts";
import type {
  CallFacts,
  ChatCall,
  EmbedCall,
  Embedded,
  OpenChat,
  Provider,
  ReachBackend,
  WholeChat,
} from "../contract.ts";
import { type MakeTransports, Transports } from "../choose-transport.ts";
import { readLocated } from "../located.ts";
import { ProviderError } from "../provider-error.ts";
import { embeddingsBody, readEmbeddings } from "./embeddings.ts";
import { refuseEmptyReply } from "./empty-reply.ts";
import { parseJson } from "./fields.ts";
import { makeInvocation, sageMakerTarget } from "./invocation.ts";
import { leanTransport } from "./lean-transport.ts";
import { openAIChat } from "./openai-chat.ts";
import type { Payload } from "./payload.ts";
import { streamFrames } from "./stream-frames.ts";
import { huggingFaceTgi } from "./tgi.ts";
import type { InvokeCall, Invoked, SageMakerTransport } from "./transport.ts";

/** Amazon SageMaker's endpoints, which speak what their containers speak. */
export function makeSageMaker({ reach }: { reach: ReachBackend }): Provider {
  return overTransports({
    Lean: () => leanTransport(reach),
    // Loading the SDK takes longer than all the rest of a router's start.
    Sdk: async () => (await import("./sdk-transport.ts")).sdkTransport(reach),
  });
}

export function overTransports(make: MakeTransports<SageMakerTransport>): Provider {
  const transports = new Transports(make);
  return {
    name: "aws.sagemaker",
    chat: async (call) => chat(await transports.of(call.backend), call),
    streamChat: async (call) => streamChat(await transports.of(call.backend), call),
    embed: async (call) => embed(await transports.of(call.backend), call),
    close: async () => transports.close(),
  };
}

async function chat(transport: SageMakerTransport, call: ChatCall): Promise<WholeChat> {
  const payload = payloadOf(call.backend);
  const invoked = await transport.invoke(invokeCall(call, payload.body(call, false), false));
  const reply = readLocated(invoked.requestId, () => readReply(call, payload, invoked));
  return { reply, facts: factsOf(invoked) };
}

async function streamChat(transport: SageMakerTransport, call: ChatCall): Promise<OpenChat> {
  const payload = payloadOf(call.backend);
  const stream = await transport.stream(invokeCall(call, payload.body(call, true), true));
  return { frames: streamFrames(call, payload, stream), facts: factsOf(stream) };
}

async function embed(transport: SageMakerTransport, call: EmbedCall): Promise<Embedded> {
  if (payloadOf(call.backend) !== openAIChat) {
    throw new ProviderError("invalid_request", "This model's container makes no embeddings");
  }
  const invoked = await transport.invoke(invokeCall(call, embeddingsBody(call.request), false));
  const answer = readLocated(invoked.requestId, () =>
    readEmbeddings(call.request, readJson(invoked)),
  );
  return { ...answer, facts: factsOf(invoked) };
}

function payloadOf(backend: BackendEntry): Payload {
  switch (sageMakerTarget(backend).payload) {
    case "HuggingFaceTGI":
      return huggingFaceTgi;
    default:
      return openAIChat;
  }
}

function invokeCall(call: ChatCall | EmbedCall, body: object, streamed: boolean): InvokeCall {
  const { backend, metadata, signal } = call;
  return { backend, signal, invocation: makeInvocation({ backend, body, metadata, streamed }) };
}

function readReply(call: ChatCall, payload: Payload, invoked: Invoked): ChatReply {
  const frames = payload.readWhole(call, readJson(invoked));
  if (!frames.some(isOutput)) refuseEmptyReply(call, frames);
  const collector = makeFrameCollector();
  for (const frame of frames) collector.add(frame);
  return collector.reply();
}

const isOutput = ({ type }: Frame): boolean => type !== "finish" && type !== "usage";

function readJson({ body }: Invoked): unknown {
  if (body.byteLength === 0) throw new ProviderError("empty_reply", "The model gave no answer");
  return parseJson(new TextDecoder().decode(body));
}

function factsOf({ requestId, variant }: { requestId?: string; variant?: string }): CallFacts {
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(variant === undefined ? {} : { model: variant }),
  };
}
