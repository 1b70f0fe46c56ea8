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
import { readLocated } from "../located.ts";
import { writtenRequest } from "../written-request.ts";
import { type Conversation, toConverse } from "./converse-request.ts";
import { embed } from "./embed.ts";
import { openFrames } from "./frames.ts";
import { leanTransport } from "./lean-transport.ts";
import type { BedrockTransport } from "./transport.ts";
import { toldFacts } from "./told-facts.ts";
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
    chat: (call) => {
      const transport = transports.of(call.backend);
      return transport instanceof Promise
        ? transport.then((made) => chat(made, call))
        : chat(transport, call);
    },
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
  return writtenRequest(() => toConverse({ ...call, target }));
}

async function chat(transport: BedrockTransport, call: ChatCall): Promise<WholeChat> {
  const { backend, signal } = call;
  const { converse, reading } = translate(call);
  const { response, requestId } = await transport.converse({ backend, converse, signal });
  const facts = toldFacts(response);
  if (requestId !== undefined) facts.requestId = requestId;
  return { reply: readLocated(requestId, () => readReply(response, reading)), facts };
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
