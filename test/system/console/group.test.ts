// The whole group, asked of a real Prometheus that scrapes the router.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { groupStore } from "../../../src/cli/group-store.ts";
import type { GroupStore } from "../../../src/console/index.ts";
import { startChromium, type TestBrowser } from "../../support/chromium.ts";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import {
  startPrometheus,
  type PrometheusServer,
} from "../../support/prometheus/prometheus-server.ts";
import { prometheusBuildLimitMs } from "../../support/prometheus/promtool.ts";
import { startLocal, type Local } from "../../support/start-local.ts";
import { ask } from "./incidents.ts";

const key = "sy_planted_key_of_acme";
const waiting = { timeout: 60_000, interval: 500 };

let browser: TestBrowser;
let local: Local;
let prometheus: PrometheusServer;
let store: GroupStore | undefined;

beforeAll(async () => {
  browser = await startChromium();
  local = await startLocal({
    // The router has to be there before it can be scraped.
    store: { match: { namespace: "shop" }, ask: (query, signal) => store!.ask(query, signal) },
    resources: [
      backendOf("micro"),
      backendOf("lite"),
      routeOf("assistant", ["micro", "lite"]),
      routeOf("private", ["lite"], { access: "Tenants" }),
      tenantOf("acme", key, {
        budgets: [{ window: "Month", timeZone: "UTC", usd: "5", onExceeded: "Reject" }],
      }),
    ],
  });
  local.simulator.faults.set({ model: models.micro, kind: "throttling" });
  const target = new URL(local.adminUrl).host;
  prometheus = await startPrometheus({
    scrape: [
      { job: "routers", targets: [target], intervalSeconds: 0.5, labels: { namespace: "shop" } },
    ],
  });
  store = groupStore(
    readEnvironment({
      SWITCHYARD_PROMETHEUS_URL: prometheus.url,
      SWITCHYARD_PROMETHEUS_MATCH: "namespace=shop",
    }),
  );
}, prometheusBuildLimitMs);

afterAll(async () => {
  await browser.close();
  await local.stop();
  await prometheus.stop();
});

describe("the whole group in the console", () => {
  it("is what a real Prometheus tells of it, without the browser's asking anybody else", async () => {
    const { page, asked, complaints } = await browser.open();
    await page.goto(`${local.adminUrl}/console`);
    await page.click("text=Whole group");
    const shown = async (selector: string) => {
      await ask(local, "assistant");
      await ask(local, "private", key);
      const found = page.locator(selector);
      return (await found.count()) === 0 ? "" : found.innerText();
    };
    await expect.poll(() => shown("#group"), waiting).toContain("1 router in the group");
    await expect
      .poll(() => shown('#routes tr[data-key="assistant"]'), waiting)
      .toMatch(/assistant\s+\d+\.\d+\s+0 %\s+[\d.]+ %/);
    await expect
      .poll(() => shown('#latency tr[data-key="assistant/lite"]'), waiting)
      .toMatch(/ms \/ /);
    await expect
      .poll(() => shown('#backends tr[data-key="lite"]'), waiting)
      .toMatch(/lite\s+1\s+0\s+0/);
    await expect
      .poll(() => shown('#spend tr[data-key="acme"]'), waiting)
      .toMatch(/\$0\.0.*month budget: .* of \$5\.00/s);
    expect(new Set(asked.map((url) => new URL(url).origin))).toEqual(new Set([local.adminUrl]));
    expect(complaints).toEqual([]);

    await prometheus.stop();
    await expect.poll(() => shown("#routes"), waiting).toContain("could not be asked");
    expect(await page.innerText("#routes")).not.toContain("Over all routers");
    await page.context().close();
  });
});
