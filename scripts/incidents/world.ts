// A group as a company would have it: four routes that share no backend, so that what befalls one of
// them cannot be seen on another, with tenants, budgets, hedges and a certified route whose quality is
// measured by a shadow arm.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readEnvironment } from "../../src/cli/environment.ts";
import { loadClassifier } from "../../src/cli/model-store.ts";
import { openConfig } from "../../src/cli/open-config.ts";
import { planConfigMaps, planYaml } from "../../src/cli/plan-config-map.ts";
import { tableOfFolder } from "../../src/cli/table-of-folder.ts";
import { pricesDigest, type PlanEntry, type RoutingTable } from "../../src/table/index.ts";
import {
  backendOf,
  routeOf,
  tenantOf,
  type LocalResource,
} from "../../test/support/local-resources.ts";
import { certificate, plan } from "../../test/support/plan-entry.ts";
import { yamlOf } from "../../test/support/start-local.ts";

export const group = { namespace: "default", routerClass: "default" };

/** The first of each route serves it; the second is what it falls back to. */
export const backends = {
  assistant: ["haiku", "pro"],
  support: ["lite", "llama"],
  reports: ["gpt-oss", "container"],
  answers: ["micro", "sonnet"],
} as const;

export type Route = keyof typeof backends;
export type Backend = (typeof backends)[Route][number];

export const keys = {
  "web-team": "sy_key-of-the-web-team",
  "support-team": "sy_key-of-the-support-team",
  "reports-team": "sy_key-of-the-reports-team",
} as const;

export type Tenant = keyof typeof keys;

/** As their owner measured them when all was well, and how long a request waits before it goes elsewhere. */
const beliefs: Record<Backend, object> = {
  haiku: believed("1s", 70, "2s"),
  pro: believed("700ms", 95),
  lite: believed("500ms", 160),
  llama: believed("900ms", 55),
  "gpt-oss": believed("800ms", 180),
  container: believed("400ms", 110),
  micro: believed("400ms", 210),
  sonnet: believed("1800ms", 60),
};

function believed(firstTokenP95: string, tokensPerSecond: number, firstToken = "8s"): object {
  return { expectations: { firstTokenP95, tokensPerSecond }, timeouts: { firstToken } };
}

/** Of each router, which counts in its own memory: a shared store would hold the sum. */
const monthsTokens = { before: 600_000, raised: 60_000_000 } as const;

const floorPercent = 80;

function routes(): LocalResource[] {
  const ordered = { access: "Tenants", fallback: { maxAttempts: 3, totalTimeout: "30s" } };
  const hedge = { afterPercentile: 95, maxSharePercent: 10 };
  return [
    routeOf("assistant", backends.assistant, {
      ...ordered,
      envelope: { firstTokenP95: "2s" },
      fallback: { ...ordered.fallback, hedge },
    }),
    routeOf("support", backends.support, { ...ordered, envelope: { totalP95: "6s" } }),
    routeOf("reports", backends.reports, ordered),
    routeOf("answers", backends.answers, {
      access: "Tenants",
      selection: { type: "CheapestWithinEnvelope" },
      quality: { floorPercent, assurance: "Certified" },
      baseline: { name: "sonnet" },
      arms: { shadowPercent: 50, comparison: { type: "Agreement" } },
    }),
  ];
}

function tenants(tokens: number): LocalResource[] {
  const budgets = [{ window: "Month", tokens, onExceeded: "Reject" }];
  return [
    tenantOf("web-team", keys["web-team"]),
    tenantOf("support-team", keys["support-team"], { budgets: [{ window: "Day", usd: "25" }] }),
    tenantOf("reports-team", keys["reports-team"], { budgets }),
  ];
}

/** Writes the group's YAML into the folder, with a plan that the certified route follows. */
export async function writeWorld(folder: string, endpoint: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const models = Object.values(backends)
    .flat()
    .map((name) => backendOf(name, { target: { endpoint }, ...beliefs[name] }));
  const resources = [...models, ...routes()];
  await writeFile(join(folder, "resources.yaml"), yamlOf(resources));
  await writeFile(join(folder, "tenants.yaml"), yamlOf(tenants(monthsTokens.before)));
  const table = tableOfFolder(await openConfig({ config: folder }, readEnvironment({})));
  const { digest } = await loadClassifier();
  const maps = planConfigMaps(group, [thriftyPlan(table, digest)]);
  await writeFile(join(folder, "plans.yaml"), planYaml(maps));
}

/** What whoever owns the tenant does about a budget that is nearly spent. */
export const raiseBudget = (folder: string): Promise<void> =>
  writeFile(join(folder, "tenants.yaml"), yamlOf(tenants(monthsTokens.raised)));

/** Certified to serve all by the cheaper of the two: no correctness is worth the dearer one's price. */
function thriftyPlan(table: RoutingTable, model: string): PlanEntry {
  const entries = backends.answers.flatMap((name) => table.backends[name] ?? []);
  const current = plan({
    lambda: 1e6,
    candidates: backends.answers.map((backend) => ({ backend, handicap: 0 })),
    model,
    certificate: certificate({
      floorPercent,
      baseline: "sonnet",
      issuedAt: Date.now(),
      expiresAt: Date.now() + 30 * 86_400_000,
      prices: pricesDigest(entries),
    }),
  });
  return { route: "answers", tenant: null, current };
}
