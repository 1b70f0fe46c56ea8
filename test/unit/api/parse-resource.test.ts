import { describe, expect, test } from "vitest";
import {
  parseResource,
  problemText,
  readManifests,
  type Resource,
} from "../../../src/api/index.ts";

const backend = `apiVersion: switchyard.dev/v1alpha1
kind: ModelBackend
metadata:
  name: a
spec:
  type: Bedrock
  bedrock: {modelId: m, region: eu-central-1}
  pricing: {inputPerMTok: "1", outputPerMTok: "2"}
  quality: {tier: Small}
  contextWindow: 1000
`;

const route = `apiVersion: switchyard.dev/v1alpha1
kind: ModelRoute
metadata:
  name: a
spec:
  models: [m]
  baseline: {name: b}
  candidates: [{backend: {name: b}}]
`;

function parsed(text: string): Resource | string[] {
  const [manifest] = readManifests(text, "f.yaml").manifests;
  if (manifest === undefined) return [];
  const result = parseResource(manifest);
  return result.ok ? result.value : result.error.map(problemText);
}

describe("defaults", () => {
  test("of a backend stand in for what its author left out", () => {
    expect(parsed(backend)).toMatchObject({
      kind: "ModelBackend",
      spec: {
        credentials: { type: "Ambient" },
        capabilities: ["Streaming"],
        dataClasses: [],
        expectations: { firstTokenP95: "2s", tokensPerSecond: 50 },
        timeouts: { connect: "2s", firstToken: "10s", idle: "15s", total: "120s" },
      },
    });
  });

  test("of a route likewise", () => {
    const resource = parsed(route);
    expect(resource).toMatchObject({
      kind: "ModelRoute",
      spec: {
        type: "Chat",
        routerClass: "default",
        access: "Tenants",
        quality: { floorPercent: 95, assurance: "Certified" },
        selection: { type: "CheapestWithinEnvelope" },
        fallback: { maxAttempts: 3, totalTimeout: "60s", retryBudgetPercent: 20 },
        classifier: { type: "BuiltIn" },
      },
    });
    expect((resource as { spec: { fallback: { when: string[] } } }).spec.fallback.when).toEqual([
      "RateLimited",
      "ServerError",
      "Timeout",
      "SlowFirstToken",
      "StreamBroken",
      "Unavailable",
      "ContextOverflow",
    ]);
  });

  test("are not made for what is absent for a reason", () => {
    expect(parsed(route)).not.toHaveProperty("spec.arms");
    expect(parsed(backend)).not.toHaveProperty("spec.concurrency");
    expect(parsed(backend)).not.toHaveProperty("spec.bedrock.transport");
  });

  test("stand in for an empty field too, as the API server has it", () => {
    expect(parsed(`${backend}  timeouts: {total: , idle: 20s}\n`)).toHaveProperty(
      "spec.timeouts.total",
      "120s",
    );
  });
});

describe("problems", () => {
  test("come all at once, each with its line", () => {
    expect(
      parsed(
        backend.replace("eu-central-1", "eu").replace("1000", '"many"').replace("Small", "small"),
      ),
    ).toEqual([
      'f.yaml:7: spec.bedrock.region: "eu" does not fit here: write an AWS region, such as eu-central-1.',
      'f.yaml:9: spec.quality.tier: "small" does not fit here: write one of Small, Medium, Large, Frontier.',
      'f.yaml:10: spec.contextWindow: "many" does not fit here: write a whole number.',
    ]);
  });

  test.each([
    [
      "spec:\n  type",
      "spec:\n  typ: Bedrock\n  type",
      'f.yaml:6: spec.typ: There is no field "typ" here. Did you mean type?',
    ],
    [
      "spec:\n  type",
      "spec:\n  Timeouts: {}\n  type",
      'f.yaml:6: spec.Timeouts: There is no field "Timeouts" here. Did you mean timeouts?',
    ],
    [
      "tier: Small",
      "tier: Small, rank: 1",
      'f.yaml:9: spec.quality.rank: There is no field "rank" here. The fields here are tier.',
    ],
    [
      "{tier: Small}",
      "Small",
      'f.yaml:9: spec.quality: "Small" does not fit here: write a map of fields.',
    ],
    [
      "1000",
      "[1000]",
      "f.yaml:10: spec.contextWindow: A list does not fit here: write a whole number.",
    ],
    ["1000", ".nan", "f.yaml:10: spec.contextWindow: NaN does not fit here: write a whole number."],
    [
      "modelId: m",
      `modelId: ${"m".repeat(2_049)}`,
      "f.yaml:7: spec.bedrock.modelId: The text is 2049 characters long: write at most 2048.",
    ],
    [
      "1000",
      "1000\n  capabilities: Tools",
      'f.yaml:11: spec.capabilities: "Tools" does not fit here: write a list.',
    ],
    [
      "1000",
      "1000\n  capabilities: [null]",
      "f.yaml:11: spec.capabilities[0]: This is empty: write one of Tools, Vision, Documents, JsonSchema, Reasoning, PromptCaching, Streaming, Embeddings.",
    ],
    [
      "1000",
      "1000\n  expectations: {tokensPerSecond: 1.5}",
      "f.yaml:11: spec.expectations.tokensPerSecond: 1.5 does not fit here: write a whole number.",
    ],
  ])("name what is wrong and what to do: %j → %j", (from, to, wanted) => {
    expect(parsed(backend.replace(from, to))).toEqual([wanted]);
  });

  test("of a value that is shared by alias name the line where it stands", () => {
    const text = route.replace("{name: b}", "&b {name: B}").replace("{name: b}", "*b");
    expect(parsed(text)).toHaveLength(2);
  });

  test("keep a route from being parsed when only its metadata is wrong", () => {
    expect(parsed(route.replace("name: a", "name: a\n  labels: {stage: 3}"))).toEqual([
      "f.yaml:5: metadata.labels.stage: 3 does not fit here, and YAML does not take it for a text: write it in quotes.",
    ]);
  });
});
