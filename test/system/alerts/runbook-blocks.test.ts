// The runbooks' blocks as somebody on call runs them, against a real Prometheus that scrapes a real router:
// each must be understood by shell, Prometheus and jq. Those that ask a cluster are left out.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runBlock, sectionsOf } from "../../../scripts/incidents/runbook.ts";
import { rulesText, withThresholds } from "../../../scripts/alerts/rules.ts";
import {
  startPrometheus,
  type PrometheusServer,
} from "../../support/prometheus/prometheus-server.ts";
import { prometheusBuildLimitMs } from "../../support/prometheus/promtool.ts";
import { send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const page = await readFile(new URL("../../../docs/runbooks.md", import.meta.url), "utf8");
const blocks = sectionsOf(page).flatMap(({ heading, blocks: some }) =>
  some.map((block, at) => ({ name: `${heading} ${at + 1}`, block })),
);
const asking = blocks.filter(({ block }) => block.includes("curl"));

let folder: string;
let local: Local;
let prometheus: PrometheusServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-runbooks-"));
  const rules = join(folder, "rules.yaml");
  await writeFile(rules, withThresholds(rulesText(), "docs/runbooks.md"));
  local = await startLocal();
  prometheus = await startPrometheus({
    scrape: [
      {
        job: "router",
        targets: [new URL(local.adminUrl).host],
        intervalSeconds: 0.5,
        labels: { namespace: "shop" },
      },
    ],
    ruleFiles: [rules],
  });
  const messages = [{ role: "user", content: "hello" }];
  for (const stream of [true, false])
    await send(local, { body: { model: "assistant", stream, messages } });
  const recorded = 'backend:switchyard_kept_out:ratio_1m{namespace="shop"}';
  await vi.waitFor(async () => expect(await prometheus.query(recorded)).not.toEqual([]), {
    timeout: 60_000,
    interval: 200,
  });
}, prometheusBuildLimitMs);

afterAll(async () => {
  await prometheus?.stop();
  await local?.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (block: string): Promise<string> =>
  runBlock(block, {
    PROMETHEUS: prometheus.url,
    ADMIN: local.adminUrl,
    NAMESPACE: "shop",
    ROUTE: "assistant",
    BACKEND: "nova-lite",
    TENANT: "acme",
  });

describe("a runbook's block", () => {
  it.each(asking)("runs as it stands: $name", async ({ block }) => {
    await expect(run(block)).resolves.toBeDefined();
  });

  it("names the backend and its figures", async () => {
    const [first] = asking.filter(({ name }) => name.startsWith("SwitchyardBackendSlow"));
    const printed = await run(first?.block ?? "");
    expect(printed).toMatch(/^nova-lite\tkept_out:ratio_1m\t0$/m);
  });
});
