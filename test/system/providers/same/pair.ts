import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Frame } from "../../../../src/openai/index.ts";
import {
  type AwsCredentials,
  type ChatCall,
  type Embedded,
  type EmbedCall,
  type GuardrailCall,
  makeBedrock,
  makeGuardrails,
  makeSageMaker,
  type Guardrails,
  type GuardrailVerdict,
  type Provider,
  ProviderError,
  type WholeChat,
} from "../../../../src/providers/index.ts";
import type { BackendEntry, Transport } from "../../../../src/table/index.ts";

/** A request as it came over the wire. */
export interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What one transport sent, and made of the answers. */
export interface Seen {
  requests: Received[];
  outcome: unknown;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export const credentials: AwsCredentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "a-secret",
  sessionToken: "a/session+token=",
};

/** Both transports before one server, which answers either as it is told. */
export class Pair {
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  readonly #providers: readonly Provider[];
  readonly #guardrails: Guardrails;
  #answer: Answer = (response) => void response.writeHead(500).end();
  #received: Received[] = [];
  /** What is put behind the server's address. */
  path = "";

  constructor() {
    const reach = () => ({
      endpoint: `${this.url}${this.path}`,
      credentials: async () => credentials,
    });
    this.#providers = [makeBedrock({ reach }), makeSageMaker({ reach })];
    this.#guardrails = makeGuardrails({ reach });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    for (const each of [...this.#providers, this.#guardrails]) await each.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async chat(call: ChatCall, answer: Answer): Promise<Record<Transport, Seen>> {
    return this.#both(call, answer, async (provider, each) =>
      outcomeOf(provider.chat(each as ChatCall)),
    );
  }

  async stream(call: ChatCall, answer: Answer): Promise<Record<Transport, Seen>> {
    return this.#both(call, answer, async (provider, each) =>
      streamOutcome(provider, each as ChatCall),
    );
  }

  async embed(call: EmbedCall, answer: Answer): Promise<Record<Transport, Seen>> {
    return this.#both(call, answer, async (provider, each) =>
      outcomeOf(provider.embed(each as EmbedCall)),
    );
  }

  async applyGuardrail(call: GuardrailCall, answer: Answer): Promise<Record<Transport, Seen>> {
    this.#answer = answer;
    const through = async (transport: Transport): Promise<Seen> => {
      this.#received = [];
      const guardrail = { ...call.guardrail, transport };
      const outcome = await outcomeOf(this.#guardrails.apply({ ...call, guardrail }));
      return { requests: this.#received, outcome };
    };
    return { Sdk: await through("Sdk"), Lean: await through("Lean") };
  }

  async #both(
    call: ChatCall | EmbedCall,
    answer: Answer,
    ask: (provider: Provider, call: ChatCall | EmbedCall) => Promise<unknown>,
  ): Promise<Record<Transport, Seen>> {
    this.#answer = answer;
    const through = async (transport: Transport): Promise<Seen> => {
      this.#received = [];
      const backend = through_(call.backend, transport);
      const [bedrock, sageMaker] = this.#providers;
      const provider = backend.target.type === "Bedrock" ? bedrock : sageMaker;
      if (provider === undefined) throw new Error("There is no such provider");
      const outcome = await ask(provider, { ...call, backend });
      return { requests: this.#received, outcome };
    };
    return { Sdk: await through("Sdk"), Lean: await through("Lean") };
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const body = await buffer(request);
    this.#received.push({ method, url, headers, body });
    this.#answer(response, request);
  }
}

const through_ = (backend: BackendEntry, transport: Transport): BackendEntry => ({
  ...backend,
  target: { ...backend.target, transport },
});

async function outcomeOf(
  asked: Promise<WholeChat | Embedded | GuardrailVerdict[]>,
): Promise<unknown> {
  try {
    return await asked;
  } catch (failure) {
    return { failure: told(failure) };
  }
}

async function streamOutcome(provider: Provider, call: ChatCall): Promise<unknown> {
  const frames: Frame[] = [];
  try {
    const open = await provider.streamChat(call);
    for await (const frame of open.frames) frames.push(frame);
    return { frames, facts: open.facts };
  } catch (failure) {
    return { frames, failure: told(failure) };
  }
}

/** All of a failure that leaves the provider; its cause is each transport's own. */
function told(failure: unknown): unknown {
  if (!(failure instanceof ProviderError)) return failure;
  const { code, message, details } = failure;
  const { cause: _cause, upstreamName = "", upstreamStatus, ...rest } = details;
  // What no vendor has named is named by whoever met it.
  const name = /exception$|^(?:Throttling|Model|Internal|Validation|Service|Custom)/i.test(
    upstreamName,
  )
    ? upstreamName.toLowerCase()
    : undefined;
  // That an answer had begun with 200 is told by those who met its fault while it was read.
  const status = upstreamStatus === 200 ? undefined : upstreamStatus;
  return { code, message, ...rest, upstreamName: name, upstreamStatus: status };
}
