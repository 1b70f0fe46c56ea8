import { onTestFinished } from "vitest";
import type { ChatReply, ChatRequest, Frame } from "../../../../src/openai/index.ts";
import type { ChatCall } from "../../../../src/providers/index.ts";
import {
  FilterShelf,
  startRouter,
  type MakeGuardrailFilter,
  type RouterParts,
} from "../../../../src/router/index.ts";
import type {
  BackendEntry,
  FilterEntry,
  FilterSettings,
  RouteEntry,
  TenantEntry,
} from "../../../../src/table/index.ts";
import { openAiClient } from "../../../support/openai-client.ts";
import {
  frames,
  makeParts,
  reply,
  settings,
  usage,
  type FakeParts,
  type Script,
} from "../../../support/router-parts.ts";
import { backendEntry, byName, routeEntry, tenantEntry } from "../../routing/sample-entries.ts";

/** Of the tenant whose key is `sk-acme`. */
const acmeKey = "sk-acme";
const acmeSha256 = "5f8eee912cd7c0ccb238560e8a22e7f78909e6dac18288188f7f4ea35112700d";

type WithoutName<Settings> = Settings extends unknown ? Omit<Settings, "name"> : never;
type Looks = WithoutName<FilterSettings>;
type Handling = Partial<
  Pick<FilterEntry, "name" | "stage" | "action" | "reversible" | "streaming" | "onFailure">
>;

/** A filter that blocks at both stages, unless told otherwise. */
export function filterEntry(looks: Looks, handling: Handling = {}): FilterEntry {
  return {
    name: looks.type.toLowerCase(),
    stage: "Both",
    action: "Block",
    streaming: "Window",
    onFailure: "Block",
    ...looks,
    ...handling,
  } as FilterEntry;
}

export interface Filtered {
  /** Of the route. */
  safety?: readonly FilterEntry[];
  /** Of a tenant, who alone may ask then, by `acmeKey`. */
  tenant?: Partial<TenantEntry>;
  fallback?: Partial<RouteEntry["fallback"]>;
  makeGuardrail?: MakeGuardrailFilter;
  parts?: Partial<RouterParts>;
  /** Of every backend. */
  backend?: Partial<BackendEntry>;
}

const capabilities = [
  "Embeddings",
  "JsonSchema",
  "Reasoning",
  "Streaming",
  "Tools",
  "Vision",
] as const;

/** A router over scripted backends, with filters; stopped when the test has ended. */
export async function filteredRouter(
  scripts: Readonly<Record<string, Script>>,
  filtered: Filtered,
) {
  const backends = Object.keys(scripts).map((name) =>
    backendEntry(name, { capabilities, ...filtered.backend }),
  );
  const entry = routeEntry(backends, {
    access: filtered.tenant === undefined ? "Anonymous" : "Tenants",
    selection: "Ordered",
    fallback: {
      when: ["ServerError"],
      maxAttempts: 3,
      totalTimeoutMs: 20_000,
      retryBudgetPercent: 20,
      ...filtered.fallback,
    },
    ...(filtered.safety && { safety: filtered.safety }),
  });
  const embeddings = routeEntry(backends, {
    name: "vectors",
    type: "Embeddings",
    models: ["vectors"],
    access: "Anonymous",
    selection: "Ordered",
    ...(filtered.safety && { safety: filtered.safety }),
  });
  const tenants: Record<string, TenantEntry> =
    filtered.tenant === undefined
      ? {}
      : { acme: tenantEntry({ keys: [{ id: "laptop", sha256: acmeSha256 }], ...filtered.tenant }) };
  const parts = makeParts(
    {
      schemaVersion: 1,
      group: { namespace: "shop", routerClass: "default" },
      backends: byName(backends),
      routes: { chat: entry, vectors: embeddings },
      tenants,
      plans: {},
    },
    scripts,
    {
      filters: new FilterShelf({ makeGuardrail: filtered.makeGuardrail }),
      // Nobody is under way when it is stopped.
      settings: { ...settings, drainMs: 0 },
      ...filtered.parts,
    },
  );
  const router = await startRouter(parts);
  onTestFinished(async () => {
    await router.stop();
  });
  const client = openAiClient(router, filtered.tenant === undefined ? "none" : acmeKey);
  return { parts, router, client };
}

/** A backend that keeps what it is asked, and answers by it. */
export function echoing(say: (request: ChatRequest) => Partial<ChatReply>): {
  asked: ChatRequest[];
  script: Script;
} {
  const asked: ChatRequest[] = [];
  const whole = ({ request }: ChatCall): ChatReply => {
    asked.push(request);
    return reply(say(request));
  };
  return {
    asked,
    script: { chat: whole, stream: (call) => frames(framesOf(whole(call), 5)) },
  };
}

/** A reply as a stream of pieces. */
export function framesOf({ text, toolCalls, finishReason }: ChatReply, size: number): Frame[] {
  return [
    ...pieces(text, size).map((piece): Frame => ({ type: "text", text: piece })),
    ...toolCalls.flatMap((call, index): Frame[] => [
      { type: "toolCall", index, id: call.id, name: call.name },
      ...pieces(call.arguments, size).map((piece): Frame => ({
        type: "toolArguments",
        index,
        text: piece,
      })),
    ]),
    { type: "finish", reason: finishReason },
    { type: "usage", usage },
  ];
}

export function pieces(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

/** Everything that a router wrote of its requests, as one text. */
export function everythingWritten({ records, observations, faults }: FakeParts): string {
  return JSON.stringify([records.all, records.safety, observations, faults.map(String)]);
}
