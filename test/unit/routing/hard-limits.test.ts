import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  choose,
  dropOf,
  LatencyBook,
  needsOf,
  permits,
  type LimitName,
  type RequestNeeds,
} from "../../../src/routing/index.ts";
import type { BackendEntry, TenantEntry } from "../../../src/table/index.ts";
import {
  allWell,
  backendEntry,
  byName,
  chatNeeds,
  plainDraws,
  routeEntry,
  standingClock,
  tenantEntry,
} from "./sample-entries.ts";

const image = [
  {
    role: "user" as const,
    content: [{ type: "image_url" as const, image_url: { url: "https://pictures.example/1.png" } }],
  },
];
const schemaBound = chatNeeds({
  response_format: { type: "json_schema", json_schema: { name: "reply" } },
});
const embeddings = (dimensions?: number) => needsOf({ model: "e", input: ["text"], dimensions });
const embedder = { capabilities: ["Embeddings"] as const, embeddingDimensions: 1_024 };

type Case = [
  string,
  Partial<BackendEntry>,
  RequestNeeds,
  Partial<TenantEntry> | null,
  LimitName | undefined,
];

const cases: Case[] = [
  [
    "an anonymous caller is narrowed by no policy",
    { processingRegions: null },
    chatNeeds(),
    null,
    undefined,
  ],
  [
    "a tenant without rules may use everything",
    { processingRegions: null },
    chatNeeds(),
    {},
    undefined,
  ],
  ["an allowed backend stays", {}, chatNeeds(), { allowedBackends: ["other", "own"] }, undefined],
  [
    "a backend that is not allowed goes",
    {},
    chatNeeds(),
    { allowedBackends: ["other"] },
    "allowed_backends",
  ],
  ["an empty list allows none", {}, chatNeeds(), { allowedBackends: [] }, "allowed_backends"],
  [
    "every processing region inside residency",
    { processingRegions: ["a", "b"] },
    chatNeeds(),
    { residencyRegions: ["a", "b", "c"] },
    undefined,
  ],
  [
    "one processing region outside residency",
    { processingRegions: ["a", "d"] },
    chatNeeds(),
    { residencyRegions: ["a", "b", "c"] },
    "residency",
  ],
  [
    "unknown processing regions under residency",
    { processingRegions: null },
    chatNeeds(),
    { residencyRegions: ["us-east-1"] },
    "residency",
  ],
  [
    "no processing regions under residency",
    { processingRegions: [] },
    chatNeeds(),
    { residencyRegions: ["us-east-1"] },
    "residency",
  ],
  [
    "residency without a region allows none",
    {},
    chatNeeds(),
    { residencyRegions: [] },
    "residency",
  ],
  [
    "cleared for all data classes",
    { dataClasses: ["phi", "pii", "x"] },
    chatNeeds(),
    { dataClasses: ["pii", "phi"] },
    undefined,
  ],
  [
    "cleared for one data class of two",
    { dataClasses: ["pii"] },
    chatNeeds(),
    { dataClasses: ["pii", "phi"] },
    "data_classes",
  ],
  ["a lacking capability", {}, chatNeeds({ messages: image }), null, "capability"],
  [
    "a capability that is there",
    { capabilities: ["Vision"] },
    chatNeeds({ messages: image }),
    null,
    undefined,
  ],
  ["a schema by JsonSchema", { capabilities: ["JsonSchema"] }, schemaBound, null, undefined],
  ["a schema by a forced tool call", { capabilities: ["Tools"] }, schemaBound, null, undefined],
  ["a schema by neither", { capabilities: ["Streaming"] }, schemaBound, null, "capability"],
  ["text for an embedding model", embedder, embeddings(), null, undefined],
  ["text to embed for a chat model", {}, embeddings(), null, "capability"],
  ["the dimensions that it has", embedder, embeddings(1_024), null, undefined],
  ["other dimensions than it has", embedder, embeddings(256), null, "dimensions"],
  [
    "dimensions of a model that does not say its own",
    { capabilities: ["Embeddings"] },
    embeddings(256),
    null,
    "dimensions",
  ],
  [
    "as much output as it gives",
    { maxOutputTokens: 100 },
    chatNeeds({ max_tokens: 100 }),
    null,
    undefined,
  ],
  [
    "more output than it gives",
    { maxOutputTokens: 100 },
    chatNeeds({ max_tokens: 101 }),
    null,
    "max_output_tokens",
  ],
  [
    "room for input and output to the last token",
    { contextWindow: 107 },
    chatNeeds({ max_tokens: 100 }),
    null,
    undefined,
  ],
  [
    "a token too little room for both",
    { contextWindow: 106 },
    chatNeeds({ max_tokens: 100 }),
    null,
    "context",
  ],
  [
    "room for one token at least of an unbounded answer",
    { contextWindow: 7 },
    chatNeeds(),
    null,
    "context",
  ],
  [
    "a tenant's rule is told before the request's lack",
    { capabilities: [] },
    chatNeeds({ stream: true }),
    { allowedBackends: [] },
    "allowed_backends",
  ],
];

describe("the hard limits of a candidate", () => {
  test.each(cases)("%s", (_name, changes, needs, tenantChanges, limit) => {
    const backend = backendEntry("own", changes);
    const tenant = tenantChanges === null ? null : tenantEntry(tenantChanges);
    expect(dropOf(backend, needs, tenant)?.limit).toBe(limit);
    expect(permits(backend, needs, tenant)).toBe(limit === undefined);
  });
});

describe("when nothing is left inside the hard limits", () => {
  const refuse = (
    backends: BackendEntry[],
    needs: RequestNeeds,
    tenant: TenantEntry | null = null,
  ) => {
    const type = needs.type;
    const choice = choose({
      route: routeEntry(backends, { type }),
      backends: byName(backends),
      tenant,
      needs,
      book: new LatencyBook(standingClock()),
      health: allWell(),
      hasRoom: () => true,
      draws: plainDraws,
      now: 0,
    });
    if (choice.ok) throw new Error("something was left");
    return choice.error;
  };

  test.each(cases.filter((each) => each[4] !== undefined))(
    "the client is told of the limit and of what to do: %s",
    (_name, changes, needs, tenantChanges, limit) => {
      const tenant = tenantChanges === null ? null : tenantEntry(tenantChanges);
      const refusal = refuse([backendEntry("zebra-9", changes)], needs, tenant);
      const code = limit === "context" ? "context_length_exceeded" : "no_candidate";
      expect(refusal).toMatchObject({ limit, code });
      expect(refusal.message).not.toContain("zebra-9");
      expect(refusal.message).toMatch(/: (name|send|leave|lower|shorten) /);
      expect(refusal.param).toBeTypeOf("string");
    },
  );

  test("the nearest candidate is spoken of, not those closed to the tenant", () => {
    const seeing = backendEntry("seeing", { capabilities: ["Vision"] });
    const blind = backendEntry("blind", { capabilities: [] });
    const tenant = tenantEntry({ allowedBackends: ["blind"] });
    const refusal = refuse([seeing, blind], chatNeeds({ messages: image }), tenant);
    expect(refusal).toMatchObject({ limit: "capability", param: "messages" });
    expect(refusal.message).toContain("images");
  });

  test("what no candidate has together is named together", () => {
    const seeing = backendEntry("seeing", { capabilities: ["Vision"] });
    const streaming = backendEntry("streaming", { capabilities: ["Streaming"] });
    const refusal = refuse([seeing, streaming], chatNeeds({ messages: image, stream: true }));
    expect(refusal.message).toContain("streams and images together");
  });

  test("the largest room that the tenant may use is told, not that of others", () => {
    const backends = [100, 300, 900].map((contextWindow) =>
      backendEntry(`b${contextWindow}`, { contextWindow }),
    );
    const tenant = tenantEntry({ allowedBackends: ["b100", "b300"] });
    const needs = chatNeeds({ max_tokens: 400 });
    expect(refuse(backends, needs, tenant).message).toMatch(/\b300\b/);
    expect(refuse(backends, needs, tenant).message).not.toMatch(/\b900\b/);
  });

  test("a route of the other type says where to go", () => {
    const backend = backendEntry("own");
    const input = {
      backends: byName([backend]),
      tenant: null,
      book: new LatencyBook(standingClock()),
      health: allWell(),
      hasRoom: () => true,
      draws: plainDraws,
      now: 0,
    };
    const chat = choose({ ...input, route: routeEntry([backend]), needs: embeddings() });
    const embed = choose({
      ...input,
      route: routeEntry([backend], { type: "Embeddings" }),
      needs: chatNeeds(),
    });
    expect(chat).toMatchObject({
      error: {
        code: "route_type_mismatch",
        message: expect.stringContaining("/v1/chat/completions"),
      },
    });
    expect(embed).toMatchObject({
      error: { code: "route_type_mismatch", message: expect.stringContaining("/v1/embeddings") },
    });
  });

  test("a table without any of the route's backends is refused, not crashed on", () => {
    expect(refuse([], chatNeeds())).toMatchObject({ code: "no_backend", param: "model" });
  });

  test("no message names a backend, whatever is refused", () => {
    const names = fc.uniqueArray(fc.constantFrom("zebra-1", "zebra-2", "zebra-3"), {
      minLength: 1,
    });
    const change = fc.constantFrom(...cases.map((each) => each[1]));
    const asked = fc.constantFrom(...cases.map((each) => each[2]));
    const rules = fc.constantFrom(...cases.map((each) => each[3]));
    fc.assert(
      fc.property(
        names,
        fc.array(change, { minLength: 3, maxLength: 3 }),
        asked,
        rules,
        (some, changes, needs, rule) => {
          const backends = some.map((name, index) => backendEntry(name, changes[index]));
          const tenant = rule === null ? null : tenantEntry(rule);
          fc.pre(backends.every((backend) => !permits(backend, needs, tenant)));
          expect(refuse(backends, needs, tenant).message).not.toContain("zebra");
        },
      ),
    );
  });
});
