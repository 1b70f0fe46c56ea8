import type { BackendEntry, BedrockTarget } from "../../table/index.ts";
import type {
  CallFacts,
  ChatCall,
  OpenChat,
  Provider,
  ReachBackend,
  WholeChat,
} from "../contract.ts";
import { Transports } from "../choose-transport.ts";
import { ProviderError } from "../provider-error.ts";
import { type Conversation, toConverse } from "./converse-request.ts";
import { embed } from "./embed.ts";
import { openFrames } from "./frames.ts";
import { leanTransport } from "./lean-transport.ts";
import type { BedrockTransport } from "./transport.ts";
import { readReply } from "./whole-reply.ts";

interface Options {
  reach: ReachBackend;
}

/** Amazon Bedrock: Converse for chats, InvokeModel for embeddings. */
export function makeBedrock({ reach }: Options): Provider {
  const transports = new Transports<BedrockTransport>({
    Lean: () => leanTransport(reach),
    // Loading the SDK takes longer than all the rest of a router's start.
    Sdk: async () => (await import("./sdk-transport.ts")).sdkTransport(reach),
  });
  return {
    name: "aws.bedrock",
    chat: async (call) => chat(await transports.of(call.backend), call),
    streamChat: async (call) => streamChat(await transports.of(call.backend), call),
    embed: async (call) =>
      embed(await transports.of(call.backend), bedrockTarget(call.backend), call),
    close: async () => transports.close(),
  };
}

/** @throws TypeError on a backend of another provider, which no table sends here */
function bedrockTarget({ name, target }: BackendEntry): BedrockTarget {
  if (target.type !== "Bedrock") throw new TypeError(`The backend ${name} is not on Bedrock`);
  return target;
}

function translate(call: ChatCall): Conversation {
  const target = bedrockTarget(call.backend);
  try {
    return toConverse({ ...call, target });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The stack's end is met only by what no model would take.
    const message = "The request is nested too deeply";
    throw new ProviderError("invalid_request", message, { cause: error });
  }
}

async function chat(transport: BedrockTransport, call: ChatCall): Promise<WholeChat> {
  const { backend, signal } = call;
  const { converse, reading } = translate(call);
  const { response, requestId } = await transport.converse({ backend, converse, signal });
  const latencyMs = response.metrics?.latencyMs;
  const model = response.trace?.promptRouter?.invokedModelId;
  return {
    reply: readReply(response, reading),
    facts: {
      ...identified(requestId),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(model === undefined ? {} : { model }),
    },
  };
}

async function streamChat(transport: BedrockTransport, call: ChatCall): Promise<OpenChat> {
  const { backend, signal } = call;
  const { converse, reading } = translate(call);
  const stream = await transport.converseStream({ backend, converse, signal });
  const facts: CallFacts = identified(stream.requestId);
  return { frames: openFrames(stream, reading, facts), facts };
}

const identified = (requestId: string | undefined): CallFacts =>
  requestId === undefined ? {} : { requestId };
