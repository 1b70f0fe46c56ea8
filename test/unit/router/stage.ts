import { admit, requireSnapshot } from "../../../src/router/admit-stage.ts";
import { identify } from "../../../src/tenancy/index.ts";
import { parseChat } from "../../../src/router/parse-stage.ts";
import { route, type RoutedRequest } from "../../../src/router/route-stage.ts";
import type { RouterParts } from "../../../src/router/index.ts";
import type { BackendEntry, FallbackReason, RouteEntry } from "../../../src/table/index.ts";
import { chatArrival, makeParts, type FakeParts, type Script } from "../../support/router-parts.ts";
import { backendEntry, byName, routeEntry } from "../routing/sample-entries.ts";

/** A backend takes a second for its first token and two for all, the route three. */
const timeouts = { connectMs: 100, firstTokenMs: 1_000, idleMs: 500, totalMs: 2_000 };
const when: FallbackReason[] = [
  "RateLimited",
  "ServerError",
  "Timeout",
  "SlowFirstToken",
  "StreamBroken",
];

export interface Staged {
  parts: FakeParts;
  routed: RoutedRequest;
  gone: AbortController;
}

/** A request that has been routed over the scripted backends, in their order. */
export function stage(
  scripts: Record<string, Script>,
  {
    stream = false,
    fallback = {},
    backend = {},
    parts: changes = {},
  }: {
    stream?: boolean;
    fallback?: Partial<RouteEntry["fallback"]>;
    /** Of every backend. */
    backend?: Partial<BackendEntry>;
    parts?: Partial<RouterParts>;
  } = {},
): Staged {
  const backends = Object.keys(scripts).map((name) => backendEntry(name, { timeouts, ...backend }));
  const entry = routeEntry(backends, {
    access: "Anonymous",
    selection: "Ordered",
    fallback: { when, maxAttempts: 3, totalTimeoutMs: 3_000, retryBudgetPercent: 20, ...fallback },
  });
  const table = {
    schemaVersion: 1,
    group: { namespace: "shop", routerClass: "default" },
    backends: byName(backends),
    routes: { [entry.name]: entry },
    tenants: {},
    plans: {},
  } as const;
  const parts = makeParts(table, scripts, changes);
  const gone = new AbortController();
  const arrival = chatArrival(parts, { model: "assistant", stream }, gone.signal);
  const snapshot = requireSnapshot(arrival.snapshot);
  const identification = identify({ kind: "none" }, snapshot.keys, 0);
  const admitted = admit({ ...parseChat(arrival), snapshot, identification });
  return { parts, routed: route(admitted, parts), gone };
}
