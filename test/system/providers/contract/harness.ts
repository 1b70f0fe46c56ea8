import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import {
  type ChatReply,
  collectFrames,
  type Frame,
  type Message,
  parseChatRequest,
} from "../../../../src/openai/index.ts";
import type {
  ChatCall,
  OpenChat,
  Provider,
  ProviderErrorCode,
} from "../../../../src/providers/index.ts";
import {
  type CallRecord,
  type Fault,
  type FaultKind,
  type Simulator,
  startSimulator,
} from "../../../../src/simulators/index.ts";
import type { BackendEntry } from "../../../../src/table/index.ts";

/** What a backend is asked for; one may stand for several. */
export type Role = "chat" | "tools" | "vision" | "schema" | "caching" | "reasoning" | "embeddings";

export type MakeProvider = (simulator: Simulator) => Provider;

export interface Subject {
  /** Their endpoints are the simulator's, save where a test sets another. */
  backends: Partial<Record<Role, BackendEntry>>;
  /** Tests, by their names, that this implementation cannot pass, and why. */
  skip?: readonly { test: string; because: string }[];
  /** What a fault means where this vendor tells it otherwise. */
  errors?: Partial<Record<FaultKind, ProviderErrorCode>>;
  /** Exceptions of the vendor's streams, and what each means before the first frame. */
  exceptions: readonly (readonly [name: string, code: ProviderErrorCode])[];
}

/** A request as a client writes it, save for the model. */
interface Body {
  messages: readonly unknown[];
  [field: string]: unknown;
}

interface Asking {
  role?: Role;
  backend?: Partial<BackendEntry>;
  signal?: AbortSignal;
}

/** What came of a stream: its frames, and how it failed. */
export interface Streamed {
  frames: Frame[];
  failure: unknown;
}

/** One provider, one simulator, and the tests of the contract that they are to pass. */
export class Harness {
  readonly subject: Subject;
  readonly #titles = new Set<string>();
  #simulator: Simulator | undefined;
  #provider: Provider | undefined;

  constructor(make: MakeProvider, subject: Subject) {
    this.subject = subject;
    beforeAll(async () => {
      this.#simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
      this.#provider = make(this.#simulator);
    });
    afterEach(() => void this.simulator.faults.clear());
    afterAll(async () => {
      await this.#provider?.close();
      await this.#simulator?.close();
    });
  }

  get simulator(): Simulator {
    if (this.#simulator === undefined) throw new Error("The simulator has not been started");
    return this.#simulator;
  }

  get provider(): Provider {
    if (this.#provider === undefined) throw new Error("The provider has not been made");
    return this.#provider;
  }

  /** Registers a test unless the subject leaves it out, which it must where it has no such backend. */
  test(title: string, role: Role, run: () => Promise<void>): void {
    this.#titles.add(title);
    if (this.subject.skip?.some(({ test }) => test === title) === true) return;
    if (this.subject.backends[role] === undefined) {
      throw new Error(`No backend for ${role}: leave out "${title}" and say why`);
    }
    it(title, run);
  }

  /** @throws where a test is left out that does not exist, or without a reason */
  checkSkips(): void {
    for (const { test, because } of this.subject.skip ?? []) {
      if (!this.#titles.has(test)) throw new Error(`There is no test "${test}" to leave out`);
      if (because.trim() === "") throw new Error(`"${test}" is left out without a reason`);
    }
  }

  backend(role: Role): BackendEntry {
    const backend = this.subject.backends[role];
    if (backend === undefined) throw new Error(`No backend for ${role}`);
    return backend;
  }

  call(body: Body | string, { role = "chat", backend, signal }: Asking = {}): ChatCall {
    const asked = typeof body === "string" ? { messages: [{ role: "user", content: body }] } : body;
    const parsed = parseChatRequest({ model: "any", ...asked });
    if (!parsed.ok) throw parsed.error;
    return {
      backend: { ...this.backend(role), ...backend },
      request: parsed.value,
      metadata: { route: "contract" },
      signal: signal ?? AbortSignal.timeout(30_000),
    };
  }

  async whole(body: Body | string, asking?: Asking): Promise<ChatReply> {
    return (await this.provider.chat(this.call(body, asking))).reply;
  }

  async streamed(body: Body | string, asking?: Asking): Promise<ChatReply> {
    const { frames } = await this.provider.streamChat(this.call(body, asking));
    return collectFrames(frames);
  }

  /** Both ways of asking, for tests that hold for either. */
  get ways(): readonly [string, Harness["whole"]][] {
    return [
      ["whole", async (body, asking) => this.whole(body, asking)],
      ["streamed", async (body, asking) => this.streamed(body, asking)],
    ];
  }

  fault(fault: Omit<Fault, "model">): void {
    this.simulator.faults.set({ model: "*", ...fault });
  }

  lastCall(): CallRecord | undefined {
    return this.simulator.calls().at(-1);
  }

  async sawAbort(): Promise<void> {
    await vi.waitFor(() => expect(this.lastCall()).toMatchObject({ aborted: true }), 5000);
  }
}

/** A stream that fails with its first event may fail while it is being opened. */
export async function drain(opening: Promise<OpenChat>): Promise<Streamed> {
  const given: Frame[] = [];
  try {
    const { frames } = await opening;
    for await (const frame of frames) given.push(frame);
    return { frames: given, failure: undefined };
  } catch (failure) {
    return { frames: given, failure };
  }
}

/** The message by which a client takes an answer into the conversation. */
export function asMessage(reply: ChatReply): Message {
  return {
    role: "assistant",
    content: reply.text === "" ? null : reply.text,
    ...(reply.reasoning.length === 0 ? {} : { thinking_blocks: [...reply.reasoning] }),
    ...(reply.toolCalls.length === 0
      ? {}
      : {
          tool_calls: reply.toolCalls.map(({ id, name, arguments: text }) => ({
            id,
            type: "function",
            function: { name, arguments: text },
          })),
        }),
  };
}

export const functionTool = (name: string, properties: Record<string, unknown> = {}) => ({
  type: "function" as const,
  function: {
    name,
    description: `Does ${name}`,
    parameters: { type: "object", properties, required: Object.keys(properties) },
  },
});

/** Matches a ProviderError of a code. */
export const failing = (code: ProviderErrorCode): unknown =>
  expect.objectContaining({ name: "ProviderError", code });
