import { describe, expect, it } from "vitest";
import { startRouter } from "../../../src/router/index.ts";
import { livePromises } from "../../../src/router/live-promises.ts";
import type { RouteEntry, RoutingTable, TenantEntry } from "../../../src/table/index.ts";
import { makeParts, reply } from "../../support/router-parts.ts";
import { backendEntry, byName, routeEntry } from "../routing/sample-entries.ts";

const backends = [backendEntry("a")];

const tableOf = (
  route: Partial<RouteEntry>,
  tenants: Record<string, TenantEntry> = {},
): RoutingTable => {
  const entry = routeEntry(backends, route);
  return {
    schemaVersion: 1,
    group: { namespace: "shop", routerClass: "default" },
    backends: byName(backends),
    routes: { [entry.name]: entry },
    plans: {},
    tenants,
  };
};

describe("what the routes of the table in use promise", () => {
  it("is their envelope in seconds and USD, and the floor of quality as a share", () => {
    const parts = makeParts(
      tableOf({
        envelope: { firstTokenP95Ms: 1_500, maxMicroUsd: 250 },
        quality: { floorPercent: 90, assurance: "Certified" },
      }),
      {},
    );
    const route = "chat";
    expect(livePromises(parts)).toEqual([
      { route, objective: "first_token", value: 1.5 },
      { route, objective: "cost", value: 0.00025 },
      { route, objective: "quality", value: 0.9, assurance: "certified" },
    ]);
  });

  it("is no quality of embeddings, and nothing before the first table", () => {
    const embeddings = tableOf({ type: "Embeddings", envelope: { totalP95Ms: 800 } });
    expect(livePromises(makeParts(embeddings, {}))).toEqual([
      { route: "chat", objective: "total", value: 0.8 },
    ]);
    expect(livePromises(makeParts(undefined, {}))).toEqual([]);
  });

  it("is told with each of its requests", async () => {
    const envelope = { totalP95Ms: 800 };
    const parts = makeParts(tableOf({ envelope, access: "Anonymous" }), {
      a: { chat: () => reply() },
    });
    const router = await startRouter(parts);
    const body = JSON.stringify({
      model: "assistant",
      messages: [{ role: "user", content: "Hi" }],
    });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${router.url}/v1/chat/completions`, {
      method: "POST",
      headers,
      body,
    });
    await answer.text();
    await router.stop();
    expect(parts.observations.map(({ objectives }) => objectives)).toEqual([envelope]);
  });
});
