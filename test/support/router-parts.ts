// A router's parts without the world: scripted providers, and everything observed is kept.
import { systemClock } from "../../src/lib/index.ts";
import type { ChatReply, Frame } from "../../src/openai/index.ts";
import type { ChatCall, Provider } from "../../src/providers/index.ts";
import {
  AttemptBudgets,
  CandidateShares,
  TableHolder,
  type RouterParts,
  type RouterSettings,
  BackendPlaces,
  FilterShelf,
  Shadows,
} from "../../src/router/index.ts";
import type { Arrival } from "../../src/router/arrival.ts";
import { BackendHealth, LatencyBook } from "../../src/routing/index.ts";
import { encodeTable, type RoutingTable } from "../../src/table/index.ts";
import { Callers, MemoryLimitStore, TenantLimits } from "../../src/tenancy/index.ts";
import type { RequestObservation, TableLoaded, Telemetry } from "../../src/telemetry/index.ts";
import { KeptRecords } from "./kept-records.ts";

export const usage = {
  input: 10,
  output: 5,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  reasoning: 0,
};

export const settings: RouterSettings = {
  host: "127.0.0.1",
  port: 0,
  adminHost: "127.0.0.1",
  adminPort: 0,
  maxBodyBytes: 100_000,
  maxHeaderBytes: 16 * 1024,
  requestTimeoutMs: 30_000,
  maxRequests: 1_000,
  maxHeldBytes: 128 * 1024 * 1024,
  clientStallMs: 5_000,
  drainMs: 1_000,
};

export const reply = (changes: Partial<ChatReply> = {}): ChatReply => ({
  text: "Hello",
  reasoning: [],
  toolCalls: [],
  finishReason: "stop",
  usage,
  ...changes,
});

export const answerFrames: readonly Frame[] = [
  { type: "text", text: "Hel" },
  { type: "text", text: "lo" },
  { type: "finish", reason: "stop" },
  { type: "usage", usage },
];

/** How one backend answers; what is not said is not expected to be asked. */
export interface Script {
  chat?: (call: ChatCall) => Promise<ChatReply> | ChatReply;
  stream?: (call: ChatCall) => AsyncIterable<Frame> | Promise<AsyncIterable<Frame>>;
  embed?: Provider["embed"];
}

export async function* frames(given: readonly Frame[] = answerFrames): AsyncGenerator<Frame> {
  yield* given;
}

const unexpected = (what: string) => (): never => {
  throw new Error(`Nobody was expected to ask for ${what}`);
};

/** A provider that answers by the script of the backend that is called. */
function scriptedProvider(scripts: Readonly<Record<string, Script>>): Provider {
  const facts = { requestId: "aws-1" };
  return {
    name: "aws.bedrock",
    chat: async (call) => ({
      reply: await (scripts[call.backend.name]?.chat ?? unexpected("a chat"))(call),
      facts,
    }),
    streamChat: async (call) => ({
      frames: await (scripts[call.backend.name]?.stream ?? unexpected("a stream"))(call),
      facts,
    }),
    embed: async (call) => (scripts[call.backend.name]?.embed ?? unexpected("vectors"))(call),
    close: async () => undefined,
  };
}

export interface FakeParts extends RouterParts {
  records: KeptRecords;
  observations: RequestObservation[];
  faults: unknown[];
  /** What telemetry was told of tables. */
  loads: TableLoaded[];
  /** What became of shadows, and of the comparing of their answers. */
  shadowEnds: string[];
  comparisons: string[];
}

export function makeParts(
  table: RoutingTable | undefined,
  scripts: Readonly<Record<string, Script>>,
  changes: Partial<RouterParts> = {},
): FakeParts {
  const observations: RequestObservation[] = [];
  const faults: unknown[] = [];
  const loads: TableLoaded[] = [];
  const shadows: string[] = [];
  const comparisons: string[] = [];
  const telemetry: Telemetry = {
    observe: (observation) => {
      observations.push(observation);
      return { traceId: "0".repeat(31) + "1", spanId: "0".repeat(15) + "1" };
    },
    tableLoaded: (table) => void loads.push(table),
    tableConfirmed: () => undefined,
    tableRefused: () => undefined,
    watchInFlight: () => undefined,
    watchDroppedRecords: () => undefined,
    watchBackends: () => undefined,
    backendEjected: () => undefined,
    watchLimits: () => undefined,
    storeCalled: () => undefined,
    settlementLost: () => undefined,
    requestShed: () => undefined,
    shadowEnded: (_route, outcome) => shadows.push(outcome),
    shadowCompared: (_route, outcome) => comparisons.push(outcome),
    answerScored: () => undefined,
    watchPlans: () => undefined,
    watchDrift: () => undefined,
    watchPromises: () => undefined,
    callerRefused: () => undefined,
    labelled: () => undefined,
    issuerKeysFetched: () => undefined,
    metricsText: async () => "",
    shutdown: async () => undefined,
  };
  const callers =
    changes.callers ??
    new Callers({ clock: systemClock, fetchKeys: unexpected("the keys of an issuer") });
  const tables = new TableHolder(systemClock, telemetry, ({ tokens }) => callers.adopt(tokens));
  if (table !== undefined) {
    const loaded = tables.load(encodeTable(table));
    if (!loaded.ok) throw new Error(loaded.error.message);
  }
  const provider = scriptedProvider(scripts);
  return {
    settings,
    tables,
    callers,
    providers: { Bedrock: provider, SageMaker: provider },
    book: new LatencyBook(systemClock),
    health: new BackendHealth(systemClock, () => 0),
    places: new BackendPlaces(),
    budgets: new AttemptBudgets(systemClock),
    shadows: new Shadows(),
    shares: new CandidateShares(systemClock),
    filters: new FilterShelf(),
    limits: new TenantLimits(new MemoryLimitStore(systemClock), systemClock),
    telemetry,
    clock: systemClock,
    random: () => 0,
    onFault: (error) => faults.push(error),
    ...changes,
    records: new KeptRecords(),
    observations,
    faults,
    loads,
    shadowEnds: shadows,
    comparisons,
  };
}

/** A request for a chat as it comes in; `gone` is the client's leaving. */
export function chatArrival(
  { tables }: RouterParts,
  body: object,
  gone = new AbortController().signal,
): Arrival {
  const text = JSON.stringify({ messages: [{ role: "user", content: "Hi" }], ...body });
  return {
    requestId: "req_00000000000000000000000000000001",
    snapshot: tables.current,
    receivedAt: Date.parse("2027-03-04T05:06:07.890Z"),
    startedAt: systemClock.elapsed(),
    http: {
      method: "POST",
      route: "/v1/chat/completions",
      path: "/v1/chat/completions",
      scheme: "http",
      protocolVersion: "1.1",
      serverAddress: "127.0.0.1",
      serverPort: 8080,
      traceparent: null,
      tracestate: null,
    },
    headers: {},
    body: text,
    bytesIn: text.length,
    gone,
  };
}
