// Every panel of every dashboard, asked of a real Prometheus that scraped a real router.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import {
  expanded,
  labelValues,
  queriesOf,
  readDashboards,
} from "../../support/dashboards/grafana-queries.ts";
import { type DashboardStage, openDashboardStage } from "../../support/dashboards/stage.ts";
import {
  type PrometheusServer,
  startPrometheus,
} from "../../support/prometheus/prometheus-server.ts";
import { prometheusBuildLimitMs } from "../../support/prometheus/promtool.ts";
import { type RedisServer, startRedis } from "../../support/redis/redis-server.ts";

const dashboards = readDashboards();
const rounds = 6;

/** What an alert is that fires; whether the real ones do so in time, their own tests show. */
const alwaysFiring = {
  alert: "SwitchyardBackendSlow",
  expr: 'up{job="router"} == 1',
  labels: { severity: "page", switchyard_backend: "haiku" },
};

let folder: string;
let redis: RedisServer;
let stage: DashboardStage;
let prometheus: PrometheusServer;

beforeAll(async () => {
  redis = await startRedis();
  stage = await openDashboardStage(redis);
  folder = await mkdtemp(join(tmpdir(), "switchyard-dashboards-"));
  const rules = join(folder, "rules.yaml");
  await writeFile(rules, stringify({ groups: [{ name: "told", rules: [alwaysFiring] }] }));
  prometheus = await startPrometheus({
    ruleFiles: [rules],
    evaluationSeconds: 0.5,
    scrape: stage.targets.map(({ job, target, path, namespace }) => ({
      job,
      targets: [target],
      path,
      intervalSeconds: 0.5,
      labels: { namespace, pod: `${job}-0` },
    })),
  });
  await stage.crowd();
  for (let each = 0; each < rounds; each += 1) {
    await stage.round();
    await sleep(500);
  }
  await redis.kill();
  await stage.round();
  await stage.round();
  // What the last requests added is scraped.
  await sleep(1_500);
}, prometheusBuildLimitMs);

afterAll(async () => {
  await prometheus.stop();
  await stage.stop();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

async function valuesOf(expr: string): Promise<number[]> {
  const samples = await prometheus.query(expr);
  return samples.map(({ value }) => value).filter(Number.isFinite);
}

describe.each(dashboards)("$title", (dashboard) => {
  it.each(queriesOf(dashboard))("$where has data", async ({ expr }) => {
    expect(await valuesOf(expanded(expr))).not.toEqual([]);
  });

  it.each(dashboard.templating.list.filter(({ type }) => type === "query"))(
    "the variable $name has values to choose from",
    async ({ name, definition = "" }) => {
      const { selector, label } = labelValues(definition);
      const found = await prometheus.query(`count by (${label}) (${expanded(selector)})`);
      const values = found
        .map(({ labels }) => labels[label])
        .filter((value) => value !== undefined);
      const known = { namespace: "models", route: "shop", backend: "micro", tenant: "acme" };
      expect(values).toContain(known[name as keyof typeof known]);
    },
  );

  it("has data of the one namespace that somebody chose, and none of another", async () => {
    const elsewhere = { namespace: "nowhere" };
    const narrowed = queriesOf(dashboard).filter(({ expr }) => expr.includes("$namespace"));
    const wrong = await Promise.all(
      narrowed.map(async ({ where, expr }) => {
        const here = await valuesOf(expanded(expr, { namespace: "models" }));
        const there = await valuesOf(expanded(expr, elsewhere));
        return here.length === 0 || there.some((value) => value !== 0) ? where : undefined;
      }),
    );
    expect(narrowed.length).toBeGreaterThan(0);
    expect(wrong.filter((where) => where !== undefined)).toEqual([]);
  });
});

describe("a choice", () => {
  const queries = dashboards.flatMap(queriesOf);

  it.each([
    { where: "Failed, by route, A", chosen: { route: "down" }, label: "switchyard_route" },
    { where: "Attempts, A", chosen: { backend: "llama" }, label: "switchyard_backend" },
    { where: "By tenant, USD an hour, A", chosen: { tenant: "acme" }, label: "switchyard_tenant" },
  ])("of $chosen is all that $where shows", async ({ where, chosen, label }) => {
    const expr = queries.find((each) => each.where === where)?.expr ?? "";
    const shown = async (picked: Record<string, string>) =>
      (await prometheus.query(expanded(expr, picked))).map(({ labels }) => labels[label]);
    expect(await shown(chosen)).toEqual(Object.values(chosen));
    expect((await shown({})).length).toBeGreaterThan(1);
  });
});
