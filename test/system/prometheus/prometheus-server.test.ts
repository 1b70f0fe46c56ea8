// The Prometheus that other tests rest on, by what it makes of a real router and of what is given to it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { makeLog, makeTelemetry } from "../../../src/telemetry/index.ts";
import { makeObservation } from "../../support/observations.ts";
import {
  startPrometheus,
  type PrometheusServer,
} from "../../support/prometheus/prometheus-server.ts";
import { prometheusBuildLimitMs, promtool } from "../../support/prometheus/promtool.ts";
import { send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const minute = 60_000;
const waiting = { timeout: 60_000, interval: 200 };
const hour = 60 * minute;

/** An hour of a counter that grows by a hundred a minute, and of a classic histogram, an hour ago. */
function history(from: number): string {
  const lines: string[] = [];
  const series = [
    ['played_requests_total{job="played"}', 100],
    ['played_seconds_bucket{job="played",le="0.5"}', 80],
    ['played_seconds_bucket{job="played",le="1"}', 95],
    ['played_seconds_bucket{job="played",le="+Inf"}', 100],
  ] as const;
  for (const [name, growth] of series) {
    if (name.startsWith("played_req")) lines.push("# TYPE played_requests counter");
    else if (name.includes('le="0.5"')) lines.push("# TYPE played_seconds histogram");
    for (let step = 0; step <= 60; step += 1)
      lines.push(`${name} ${step * growth} ${(from + step * minute) / 1_000}`);
  }
  return `${lines.join("\n")}\n# EOF\n`;
}

describe("a Prometheus of a test's own", () => {
  const begun = Date.now() - 2 * hour;
  let folder: string;
  let local: Local;
  let prometheus: PrometheusServer;
  const rules = () => join(folder, "rules.yaml");

  const writeRules = (alert: string) =>
    writeFile(
      rules(),
      stringify({
        groups: [
          {
            name: "of-the-test",
            rules: [
              {
                alert,
                expr: "sum by (switchyard_route) (switchyard_requests_total) > 2",
                labels: { severity: "page" },
                annotations: { summary: "{{ $labels.switchyard_route }}: {{ $value }}" },
              },
            ],
          },
        ],
      }),
    );

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "switchyard-prometheus-test-"));
    await writeRules("ManyRequests");
    await writeFile(join(folder, "history.txt"), history(begun));
    local = await startLocal();
    prometheus = await startPrometheus({
      scrape: [{ job: "router", targets: [new URL(local.adminUrl).host], intervalSeconds: 0.2 }],
      ruleFiles: [rules()],
      evaluationSeconds: 0.2,
      otlp: true,
      backfill: [join(folder, "history.txt")],
    });
  }, prometheusBuildLimitMs);

  afterAll(async () => {
    await prometheus?.stop();
    await local?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("scrapes a real router and fires what its rules say of it, with labels and annotations", async () => {
    for (let sent = 0; sent < 3; sent += 1) {
      const messages = [{ role: "user", content: "hello" }];
      expect(await send(local, { body: { model: "assistant", messages } })).toMatchObject({
        status: 200,
      });
    }
    await expect
      .poll(() => prometheus.query('up{job="router"}'), waiting)
      .toMatchObject([{ value: 1 }]);
    await expect
      .poll(() => prometheus.alerts(), waiting)
      .toMatchObject([
        {
          state: "firing",
          labels: { alertname: "ManyRequests", severity: "page" },
          annotations: { summary: "assistant: 3" },
        },
      ]);
  });

  it("answers from history that was backfilled, by counters and by classic histograms", async () => {
    const at = begun + hour;
    expect(await prometheus.query("increase(played_requests_total[30m])", at)).toMatchObject([
      { labels: { job: "played" }, value: 3_000 },
    ]);
    const [median] = await prometheus.query(
      "histogram_quantile(0.5, sum by (le) (rate(played_seconds_bucket[30m])))",
      at,
    );
    expect(median?.value).toBeCloseTo((0.5 * 50) / 80, 5);
    const range = { from: begun, to: at, stepSeconds: 600 };
    const [series] = await prometheus.queryRange("played_requests_total", range);
    expect(series?.points).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((step) => [begun + step * 10 * minute, step * 1_000]),
    );
  });

  it("receives OTLP, and keeps exponential histograms as native ones", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", `${prometheus.url}/api/v1/otlp/v1/metrics`);
    const telemetry = await makeTelemetry({
      serviceName: "switchyard-router",
      serviceVersion: "0.1.0",
      instance: "router-1",
      namespace: "shop",
      routerClass: "default",
      log: makeLog({ output: { write: () => undefined } }),
    });
    vi.unstubAllEnvs();
    telemetry.observe(makeObservation());
    await telemetry.shutdown();
    const seen = () => prometheus.query("gen_ai_client_operation_duration_seconds");
    await expect.poll(seen, waiting).toMatchObject([
      {
        histogram: {
          count: 1,
          sum: 0.4,
          buckets: [[0, expect.any(Number), expect.any(Number), 1]],
        },
      },
    ]);
    const [found] = await seen();
    const [, from = 0, to = 0] = found?.histogram?.buckets[0] ?? [];
    expect(from).toBeLessThan(0.4);
    expect(to).toBeGreaterThanOrEqual(0.4);
  });

  it("takes its rules anew when they have changed", async () => {
    await writeRules("ManyRequestsAnew");
    await prometheus.reload();
    await expect
      .poll(
        async () => (await prometheus.alerts()).map(({ labels }) => labels["alertname"]),
        waiting,
      )
      .toEqual(["ManyRequestsAnew"]);
  });

  it("says what is wrong with a question, and promtool with a file", async () => {
    await expect(prometheus.query("sum(")).rejects.toThrow(/parse error.*: sum\(/);
    await writeFile(
      join(folder, "broken.yaml"),
      "groups: [{name: x, rules: [{alert: A, expr: 'sum('}]}]",
    );
    await expect(promtool("check", "rules", join(folder, "broken.yaml"))).rejects.toThrow(
      /promtool check rules .* failed:\n[^]*unclosed left parenthesis/,
    );
  });
});
