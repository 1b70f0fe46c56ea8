// A router in front of simulated models with all that dashboards show: faults, fallbacks, hedges, filters, budgets in a
// real Redis, shadows and a plan. What such a router cannot show by itself comes from the recorders of a router and an
// operator: tables that the API server sent, and what a drift job found.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadClassifier } from "../../../src/cli/model-store.ts";
import { pricesDigest } from "../../../src/table/index.ts";
import {
  type DriftReading,
  makeLog,
  makeOperatorMetrics,
  makeTelemetry,
  type SafetyObservation,
} from "../../../src/telemetry/index.ts";
import { redisSettings } from "../limits/redis-stores.ts";
import { backendOf, models, routeOf, tenantOf } from "../local-resources.ts";
import { makeObservation } from "../observations.ts";
import { certificate, plan } from "../plan-entry.ts";
import { chatOf } from "../raw-connection.ts";
import type { RedisServer } from "../redis/redis-server.ts";
import { send } from "../send.ts";
import { type Local, startLocal } from "../start-local.ts";

const keys = { acme: "sy_key-of-acme", small: "sy_key-of-small", watched: "sy_key-of-watched" };

const room = 40;
const open = { access: "Anonymous" };
const closed = { access: "Tenants" };
const expectations = { firstTokenP95: "50ms", tokensPerSecond: 100_000 };
const words = (name: string, word: string, changes: object) => ({
  name,
  type: "WordList",
  wordList: { words: [word] },
  ...changes,
});

const resources = [
  backendOf("micro", { expectations }),
  backendOf("pro", { expectations }),
  backendOf("lite"),
  backendOf("llama"),
  backendOf("gpt-oss", { expectations }),
  backendOf("haiku", {
    timeouts: { connect: "300ms", firstToken: "300ms", idle: "300ms", total: "5s" },
  }),
  backendOf("sonnet"),
  backendOf("container"),
  routeOf("shop", ["micro", "pro"], {
    ...closed,
    baseline: { name: "pro" },
    arms: { shadowPercent: 50, comparison: { type: "Agreement" } },
    safety: [
      words("plover", "plover", { stage: "Both", action: "Observe" }),
      words("xyzzy", "xyzzy", { stage: "Input", action: "Block" }),
    ],
  }),
  routeOf("planned", ["micro", "sonnet"], {
    ...closed,
    selection: { type: "CheapestWithinEnvelope" },
    baseline: { name: "sonnet" },
    quality: { floorPercent: 95, assurance: "Certified" },
  }),
  routeOf("held", ["container"], open),
  routeOf("throttled", ["lite", "micro"], open),
  routeOf("down", ["llama"], open),
  routeOf("slow", ["haiku", "micro"], open),
  routeOf("hedged", ["gpt-oss", "micro"], {
    ...open,
    fallback: { hedge: { afterPercentile: 95, maxSharePercent: 100 } },
  }),
  routeOf("tight", ["micro"], {
    ...open,
    selection: { type: "CheapestWithinEnvelope" },
    baseline: { name: "micro" },
    envelope: { firstTokenP95: "1ms", totalP95: "2ms" },
  }),
  tenantOf("acme", keys.acme, {
    plan: { enabled: true },
    budgets: [{ window: "Day", usd: "10" }],
  }),
  tenantOf("small", keys.small, { budgets: [{ window: "Day", usd: "0.000001" }] }),
  tenantOf("watched", keys.watched, {
    enforcement: "Observe",
    allowedBackends: [{ name: "lite" }],
    budgets: [{ window: "Day", usd: "0.000001" }],
  }),
];

export interface DashboardStage {
  local: Local;
  /** Asks for something of every sort, and waits for the answers. */
  round(): Promise<void>;
  /** Asks for more than the router has room for. */
  crowd(): Promise<void>;
  /** HOST:PORT and path of each that is to be scraped. */
  targets: { job: string; target: string; path: string; namespace: string }[];
  stop(): Promise<void>;
}

export async function openDashboardStage(redis: RedisServer): Promise<DashboardStage> {
  const local = await startLocal({
    resources,
    redis: redisSettings(redis),
    settings: { maxRequests: room },
    parts: { random: () => 0 },
  });
  const wrong = local.refreshes[0]?.problems.filter((each) => !each.includes(" warning: "));
  if (wrong?.length !== 0) throw new Error(`The router refuses: ${wrong?.join("\n")}`);
  await writePlan(local);
  const recorders = await startRecorders();
  const { faults } = local.simulator;
  faults.set({ kind: "throttling", model: models.lite });
  faults.set({ kind: "internal-error", model: models.llama });
  faults.set({ kind: "slow-first-token", model: models.haiku, delayMs: 800 });
  faults.set({ kind: "slow-first-token", model: models["gpt-oss"], delayMs: 300 });
  faults.set({ kind: "slow-first-token", model: models.container, delayMs: 2_000 });
  return {
    local,
    round: () => round(local),
    crowd: () => crowd(local),
    targets: [
      {
        job: "router",
        target: new URL(local.adminUrl).host,
        path: "/metrics",
        namespace: "models",
      },
      { job: "other-router", target: recorders.address, path: "/router", namespace: "models" },
      {
        job: "operator",
        target: recorders.address,
        path: "/operator",
        namespace: "switchyard-system",
      },
    ],
    stop: async () => {
      await recorders.stop();
      await local.stop();
    },
  };
}

async function writePlan(local: Local): Promise<void> {
  const { digest } = await loadClassifier();
  const table = local.refreshes[0]?.table;
  const entries = ["micro", "sonnet"].flatMap((name) => table?.backends[name] ?? []);
  const current = plan({
    lambda: 1e6,
    candidates: ["micro", "sonnet"].map((backend) => ({ backend, handicap: 0 })),
    model: digest,
    certificate: certificate({
      baseline: "sonnet",
      expiresAt: Date.now() + 3_600_000,
      prices: pricesDigest(entries),
    }),
  });
  const interval = { estimate: 0.97, lower: 0.95, upper: 0.99 };
  const measured = {
    at: Date.now(),
    labels: 500,
    requests: 9_000,
    kept: interval,
    saved: interval,
  };
  const plans = [{ route: "planned", tenant: null, current, measured }];
  const document = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "plans", labels: { "switchyard.dev/holds": "plans" } },
    data: { "plans.json": JSON.stringify({ version: 1, class: "default", plans }) },
  };
  await local.write(JSON.stringify(document), "plans.yaml");
  await local.refreshed((each) => each.table.plans["planned"] !== undefined);
}

async function round(local: Local): Promise<void> {
  const ask = (
    model: string,
    key?: string,
    text = "repeat: a few words, so that they come in several chunks",
    stream = true,
  ) =>
    send(local, {
      body: chatOf(model, text, { stream }),
      ...(key === undefined ? {} : { key }),
    });
  const [answered] = await Promise.all([
    ask("shop", keys.acme, "repeat: plover"),
    ask("shop", keys.acme, "repeat: xyzzy"),
    ask("shop", keys.acme, "repeat: 42", false),
    ask("shop", keys.small),
    ask("shop", keys.watched),
    ask("shop", "sy_nobody"),
    ask("planned", keys.acme),
    ask("nobody-knows"),
    ...["throttled", "down", "slow", "hedged", "tight"].map((model) => ask(model)),
  ]);
  await send(local, {
    path: "/v1/feedback",
    body: { request_id: answered.requestId, correct: true },
    key: keys.acme,
  });
}

/** More at once than there is room for, and each takes its time. */
async function crowd(local: Local): Promise<void> {
  const asking = Array.from({ length: 2 * room }, () =>
    send(local, { body: chatOf("held", "hello") }),
  );
  await Promise.all(asking);
}

/** A guardrail of Bedrock that did not answer in time. */
const late: SafetyObservation = {
  filter: "company",
  type: "BedrockGuardrail",
  owner: "route",
  stage: "input",
  action: "allow",
  failure: "late",
  rules: [],
  offset: 0,
  duration: 0.5,
};

async function startRecorders(): Promise<{ address: string; stop(): Promise<void> }> {
  const log = makeLog({ output: { write: () => undefined } });
  const telemetry = await makeTelemetry({
    serviceName: "switchyard-router",
    serviceVersion: "0",
    instance: "other",
    namespace: "models",
    routerClass: "default",
    log,
  });
  const operator = makeOperatorMetrics(
    () => true,
    () => [drifted],
  );
  let dropped = 0;
  telemetry.watchDroppedRecords(() => (dropped += 1));
  const move = () => {
    telemetry.tableLoaded({
      digest: "sha256:other",
      loadedAt: Date.now(),
      routes: 2,
      backends: 3,
      tenants: 1,
      propagationMs: 40,
    });
    telemetry.tableRefused("digest_mismatch");
    telemetry.observe(makeObservation({ safety: [late] }));
    telemetry.tableConfirmed(performance.now());
    operator.reconciled(0.02);
    operator.reconcileFailed();
    operator.tablePublished();
    operator.statusWritten();
    operator.groupsFailing(1);
  };
  const texts: Readonly<Record<string, () => Promise<string>>> = {
    "/router": () => telemetry.metricsText(),
    "/operator": () => operator.text(),
  };
  const server = createServer((incoming, response) => {
    move();
    void texts[incoming.url ?? ""]?.().then((text) => {
      response.setHeader("content-type", "text/plain; version=0.0.4");
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await telemetry.shutdown();
    },
  };
}

/** As the operator reads it from the report of a group's drift job. */
const drifted: DriftReading = {
  group: { namespace: "models", routerClass: "default" },
  route: "shop",
  backend: "micro",
  tenant: null,
  signal: "latency",
  state: "drifted",
  score: 0.3,
  threshold: 0.2,
  samples: 1_000,
};
