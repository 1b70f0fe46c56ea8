// Every panel of every dashboard, asked of a real Prometheus that scraped a real router.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

let redis: RedisServer;
let stage: DashboardStage;
let prometheus: PrometheusServer;

beforeAll(async () => {
  redis = await startRedis();
  stage = await openDashboardStage(redis);
  prometheus = await startPrometheus({
    scrape: stage.targets.map(({ job, target, path }) => ({
      job,
      targets: [target],
      path,
      intervalSeconds: 0.5,
      labels: { namespace: "models", pod: `${job}-0` },
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

  it("shows nothing of what nobody has chosen", async () => {
    const elsewhere = { namespace: "nowhere" };
    const narrowed = queriesOf(dashboard).filter(
      ({ expr }) => !expr.includes("switchyard_operator"),
    );
    const seen = await Promise.all(
      narrowed.map(async ({ where, expr }) => {
        const values = await valuesOf(expanded(expr, elsewhere));
        return values.some((value) => value !== 0) ? where : undefined;
      }),
    );
    expect(seen.filter((where) => where !== undefined)).toEqual([]);
  });
});

describe("a choice", () => {
  const [overview] = dashboards.filter(({ uid }) => uid === "switchyard-overview");
  const query = (where: string): string => {
    const found = queriesOf(overview ?? ({ panels: [] } as never)).find(
      (each) => each.where === where,
    );
    if (found === undefined) throw new Error(`There is no ${where}`);
    return found.expr;
  };

  it.each([
    {
      where: "Attempts, A",
      chosen: { route: "shop" },
      label: "switchyard_backend",
      only: ["micro"],
    },
    {
      where: "Attempts, A",
      chosen: { backend: "llama" },
      label: "switchyard_backend",
      only: ["llama"],
    },
    { where: "Requests, A", chosen: { tenant: "(acme|small)" }, label: undefined, only: [] },
  ])("of $chosen narrows $where", async ({ where, chosen, label, only }) => {
    const found = await prometheus.query(expanded(query(where), chosen));
    if (label === undefined) {
      const [narrow] = found;
      const [whole] = await prometheus.query(expanded(query(where)));
      expect(narrow?.value).toBeGreaterThan(0);
      expect(narrow?.value).toBeLessThan(whole?.value ?? 0);
    } else {
      const values = found.map(({ labels }) => labels[label]);
      for (const value of only) expect(values).toContain(value);
      expect(values).not.toContain("haiku");
    }
  });
});
