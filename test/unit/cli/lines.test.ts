import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { banner, type Running } from "../../../src/cli/banner.ts";
import { logLines } from "../../../src/cli/log-lines.ts";
import { needsSimulators } from "../../../src/cli/needs-simulators.ts";
import { requestLine, requestLines } from "../../../src/cli/request-line.ts";
import { readManifests, type Finding } from "../../../src/api/index.ts";
import { findingText } from "../../../src/cli/folder-tables.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import type { RoutingTable } from "../../../src/table/index.ts";
import { makeAttemptRecord, makeRecord } from "../../support/observations.ts";
import { certificate, plan } from "../../support/plan-entry.ts";
import { backendEntry, byName, pricedAt, routeEntry } from "../routing/sample-entries.ts";

const line = (changes: Partial<RequestRecord> = {}): string =>
  stripVTControlCharacters(requestLine(makeRecord(changes))).replace(/^\S+ /, "");

describe("the line of a request", () => {
  it("tells what was asked, who answered, how long it took and what it cost", () => {
    expect(line({ baseline_cost_usd: null })).toBe(
      "200 support → nova-lite  cheapest (90 % sure), 410 ms, first token 105 ms, 125+40 tokens, $0.000123",
    );
  });

  it.each<[string, Partial<RequestRecord>, string]>([
    [
      "a fallback with the reason",
      {
        attempts: [
          makeAttemptRecord({ error_type: "throttled" }),
          makeAttemptRecord({ backend: "llama", kind: "fallback" }),
        ],
        fallback_reason: "RateLimited",
      },
      "→ nova-lite (throttled) → llama",
    ],
    ["the reason of a fallback", { fallback_reason: "RateLimited" }, "[fallback: RateLimited]"],
    ["what was saved", { cost_usd: 0.25, baseline_cost_usd: 1 }, "75 % below the baseline"],
    ["estimated tokens as such", { token_source: "estimated" }, "about 125+40 tokens"],
    [
      "an error",
      {
        status: 404,
        error_type: "model_not_found",
        attempts: [],
        choice_reason: null,
        tokens: null,
        cost_usd: 0,
        baseline_cost_usd: null,
      },
      "404 support  410 ms, first token 105 ms  [model_not_found]",
    ],
    [
      "what filters did",
      { safety: { action: "redact", rule_ids: ["pii/email"] } },
      "[safety: redact]",
    ],
    ["a missed envelope", { envelope_missed: true }, "[envelope missed]"],
    ["a request without a model", { request_model: null, attempts: [] }, "200 -  cheapest"],
    [
      "why a plan was not followed",
      { choice_reason: "floor_raised" },
      "→ nova-lite  floor raised (",
    ],
    ["nothing of an order that the author chose", { choice_reason: "ordered" }, "→ nova-lite  410"],
  ])("tells %s", (_what, changes, expected) => {
    expect(line(changes)).toContain(expected);
  });

  it.each<[string, Partial<RequestRecord>]>([
    ["no saving where there is none", { cost_usd: 1, baseline_cost_usd: 1 }],
    ["no saving against nothing", { cost_usd: 0, baseline_cost_usd: 0 }],
    ["no first token of a whole answer", { streaming: false }],
    ["no cost of nothing", { cost_usd: 0, baseline_cost_usd: null }],
  ])("tells %s", (what, changes) => {
    const word = /first token|saving|cost/.exec(what)?.[0];
    const shown =
      { saving: "below", cost: "$", "first token": "first token" }[word ?? ""] ?? "none";
    expect(line(changes)).not.toContain(shown);
  });

  it("is one line whatever a client names its model", () => {
    const record = makeRecord({ request_model: "a\nb\u001B[2J\u2028\u0007c" });
    expect(requestLine(record)).not.toMatch(/[\n\u2028\u0007]|\u001B\[2J/);
  });

  it("is written once a record, and nothing is ever dropped", async () => {
    const lines: string[] = [];
    const sink = requestLines((each) => lines.push(each));
    sink.write(makeRecord());
    await sink.flush();
    await sink.close();
    expect(lines).toHaveLength(1);
    expect(sink.dropped()).toBe(0);
  });
});

describe("the log for people", () => {
  it("is a level, a message and what belongs to it", () => {
    let written = "";
    const lines = logLines({ write: (text: string) => (written += text) } as never);
    lines.write(
      '{"level":"warn","ts":"2027-01-01T00:00:00Z","message":"Refusing a table","reason":"DigestMismatch","count":3}',
    );
    lines.write('{"level":"info","ts":"2027-01-01T00:00:00Z","message":"Draining"}');
    expect(written).toBe(
      "warn: Refusing a table (reason=DigestMismatch, count=3)\ninfo: Draining\n",
    );
  });
});

describe("the banner", () => {
  const micro = backendEntry("micro", {
    target: { type: "Bedrock", modelId: "amazon.nova-micro-v1:0", region: "us-east-1" },
    prices: pricedAt(1, 2),
  });
  const lite = backendEntry("lite", {
    target: { type: "Bedrock", modelId: "amazon.nova-lite-v1:0", region: "us-east-1" },
    prices: pricedAt(2, 4),
  });

  const running = (routes: RoutingTable["routes"], backends = [lite, micro]): Running => ({
    version: "1.2.3",
    folder: "config",
    recordFolder: ".switchyard",
    url: "http://127.0.0.1:8080",
    adminUrl: "http://127.0.0.1:8081",
    simulatorUrl: "http://127.0.0.1:9000",
    table: {
      schemaVersion: 1,
      group: { namespace: "n", routerClass: "c" },
      backends: byName(backends),
      routes,
      tenants: {},
      plans: {},
    },
  });
  const open = routeEntry([lite, micro], { access: "Anonymous", models: ["assistant"] });
  const withoutSimulators = (given: Running): Running => {
    const { simulatorUrl, ...rest } = given;
    return simulatorUrl === undefined ? given : rest;
  };
  const commandsOf = (text: string): string[] =>
    text.split("\n").filter((each) => each.startsWith("  curl "));

  it("says what runs where", () => {
    const text = banner(running({ chat: open }));
    expect(text).toContain("Switchyard 1.2.3 serves 1 route over 2 backends from config");
    for (const part of [
      "8080/v1",
      "8081",
      "9000",
      ".switchyard",
      "no key needed; CheapestWithinEnvelope: lite, micro\n",
    ]) {
      expect(text).toContain(part);
    }
  });

  it("says who serves a route that wants a certificate, and what is done about it", () => {
    const certified = { ...open, quality: { floorPercent: 95, assurance: "Certified" } as const };
    const given = running({ chat: certified });
    expect(banner(given)).toContain("; Certified, so micro comes first");
    const asked = new Map([[certified.name, { name: "exam", items: [1, 2, 3] }]]);
    expect(banner({ ...given, asked })).toContain(
      "; Certified: micro serves until its plan is certified (asking 3 questions of golden set exam)\n",
    );
    const live = plan({ certificate: certificate({ expiresAt: Date.UTC(2027, 4, 6) }) });
    const plans = { [certified.name]: { route: certified.name, tenant: null, current: live } };
    expect(banner({ ...given, asked, table: { ...given.table, plans } })).toContain(
      "; Certified by a plan until 2027-05-06\n",
    );
    const ordered = { ...certified, selection: "Ordered" } as const;
    expect(banner({ ...running({ chat: ordered }), asked })).not.toContain("Certified");
  });

  it("gives three commands that a shell can run, with JSON that parses", () => {
    const commands = commandsOf(banner(running({ chat: open })));
    expect(commands).toHaveLength(3);
    for (const body of commands.flatMap((each) => [...each.matchAll(/-d '([^']*)'/g)])) {
      expect(() => JSON.parse(body[1] ?? "") as unknown).not.toThrow();
    }
    expect(commands[1]).toContain("curl -sN");
    expect(commands[2]).toContain('"model":"*","kind":"throttling","count":1');
    expect(commands[2]).toContain("curl -si");
  });

  it.each<[string, Running, number]>([
    ["simulators do not run", withoutSimulators(running({ chat: open })), 2],
    [
      "nothing could take over",
      running({ chat: { ...open, candidates: open.candidates.slice(0, 1) } }),
      2,
    ],
    [
      "a candidate is called elsewhere",
      running({ chat: open }, [
        micro,
        { ...lite, target: { ...lite.target, endpoint: "https://elsewhere.example.com" } },
      ]),
      2,
    ],
    ["every route wants a key", running({ chat: { ...open, access: "Tenants" } }), 0],
    ["there is no route", running({}), 0],
    ["only vectors are open", running({ chat: { ...open, type: "Embeddings" } }), 0],
  ])("leaves out what would not work where %s", (_what, given, count) => {
    expect(commandsOf(banner(given))).toHaveLength(count);
  });
});

describe("whether simulators are needed", () => {
  const backend = (spec: string): string =>
    `apiVersion: switchyard.dev/v1alpha1\nkind: ModelBackend\nmetadata: {name: b${spec.length}}\nspec: ${spec}\n`;
  const endpoint = "{type: Bedrock, bedrock: {endpoint: 'http://x'}}";
  const hosted = "{type: SageMaker, sagemaker: {endpoint: 'http://x'}}";

  it.each<[string, string[], boolean]>([
    ["there is no backend", [], false],
    ["every backend names an endpoint", [endpoint, hosted], false],
    ["one names none", [endpoint, "{type: Bedrock, bedrock: {}}"], true],
    ["a spec is missing", ["null"], true],
    ["a spec is a list", ["[]"], true],
    ["an endpoint is no text", ["{type: Bedrock, bedrock: {endpoint: 3}}"], true],
  ])("where %s", (_what, specs, expected) => {
    const { manifests } = readManifests(specs.map(backend).join("---\n"), "b.yaml");
    expect(manifests).toHaveLength(specs.length);
    expect(needsSimulators(manifests)).toBe(expected);
  });
});

describe("the line of a finding", () => {
  const text =
    'apiVersion: switchyard.dev/v1alpha1\nkind: ModelRoute\nmetadata:\n  name: r\n  annotations:\n    switchyard.dev/paused: "true"\nspec:\n  candidates:\n    - backend:\n        name: a\n    - backend:\n        name: b\n';
  const { manifests } = readManifests(text, "r.yaml");
  const finding = (path?: string): Finding => ({
    severity: "Warning",
    reason: "Paused",
    message: "What is wrong.",
    ref: { kind: "ModelRoute", namespace: "default", name: "r" },
    ...(path === undefined ? {} : { path }),
  });

  it.each<[string | undefined, number]>([
    [undefined, 1],
    ["", 1],
    ["spec.candidates[1].backend.name", 12],
    ['metadata.annotations["switchyard.dev/paused"]', 6],
    ["spec.candidates[9].backend", 8],
  ])("leads to the field %j, or to what is nearest above it: line %i", (path, line) => {
    expect(findingText(finding(path), manifests)).toMatch(
      new RegExp(`^r\\.yaml:${line}: warning: `),
    );
  });

  it("names no place where the resource stands in no file", () => {
    expect(findingText(finding("spec"), [])).toBe("warning: ModelRoute r: spec: What is wrong.");
  });
});
