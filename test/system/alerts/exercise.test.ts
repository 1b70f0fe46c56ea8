// What whoever is on call goes through: something goes wrong behind real routers, the shipped rules tell of it in
// a real Prometheus, and the commands of the runbook, run as they stand, name the backend and the cause.
import { readFile } from "node:fs/promises";
import { delimiter, dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { AlertWatch } from "../../../scripts/incidents/alert-watch.ts";
import {
  backendSlow,
  budgetNearlySpent,
  serverErrors,
  type Incident,
} from "../../../scripts/incidents/incidents.ts";
import { tells } from "../../../scripts/incidents/run-incident.ts";
import { blocksOf, runBlock, variablesOf } from "../../../scripts/incidents/runbook.ts";
import { Stage } from "../../../scripts/incidents/stage.ts";
import { ensureDebianPackages } from "../../support/cluster/packages.ts";
import { resolveBinaries } from "../../support/kube/binaries.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { prometheusBuildLimitMs } from "../../support/prometheus/promtool.ts";
import { installDefinitions } from "../operator/operator-bench.ts";

const startMs = 260_000;
/** Rules that say what is usual are evaluated once a minute. */
const patience = { timeout: 90_000, interval: 500 };
const usual = "backend:switchyard_attempts:rate_usual";
const rules = "docs/alerts/switchyard.rules.yaml";

/** Each befalls a route of its own, so all happen at once and one wait serves for all. */
const exercises: { incident: Incident; prints: string[] }[] = [
  { incident: backendSlow, prints: ["haiku\tslow_first_token"] },
  { incident: serverErrors, prints: ["lite\tinternal"] },
  {
    incident: budgetNearlySpent,
    prints: ["reports-team\tbudget_month_tokens", "reports-team\treports\tgpt-oss"],
  },
];

/** For the commands that look at resources. */
const controlPlane = useControlPlane({}, installDefinitions);

let stage: Stage;
let watch: AlertWatch;
let runbooks: string;
let began: number;

beforeAll(async () => {
  await ensureDebianPackages({ jq: "jq", curl: "curl" }, (line) =>
    process.stderr.write(`${line}\n`),
  );
  runbooks = await readFile("docs/runbooks.md", "utf8");
  const order = { ruleFile: rules, scrapeSeconds: 5, lookMs: 20_000, say: () => undefined };
  stage = await Stage.open(order);
  watch = new AlertWatch(stage.prometheus);
  const isKnown = async () => expect(await stage.prometheus.query(usual)).not.toEqual([]);
  await vi.waitFor(isKnown, patience);
  began = Date.now();
  await Promise.all(exercises.map(({ incident }) => incident.inject(stage)));
}, startMs + prometheusBuildLimitMs);

afterAll(async () => {
  await watch?.stop();
  await stage?.close();
});

/** Of a shell that knows the cluster. */
async function shellOf(): Promise<Record<string, string>> {
  const binaries = await resolveBinaries(["kubectl"]);
  if (!binaries.ok) throw new Error(binaries.error);
  const { kubeconfig, kubectl } = controlPlane();
  await kubectl(["apply", "--server-side", "--namespace", "default", "-f", stage.config]);
  const path = [dirname(binaries.value.kubectl), process.env["PATH"]].join(delimiter);
  return { KUBECONFIG: kubeconfig, PATH: path };
}

describe("an incident", () => {
  it.each(exercises)(
    "is told by its alert and explained by the alert's runbook: $incident.name",
    async ({ incident, prints }) => {
      const { alert, withinSeconds } = incident;
      const firing = await watch.until(
        (each) => tells(incident, each, began),
        withinSeconds * 1_000,
      );
      if (firing === undefined) throw new Error(`${alert} did not fire within ${withinSeconds} s`);
      const [admin = ""] = stage.adminUrls;
      const places = { PROMETHEUS: stage.prometheus.url, ADMIN: admin };
      const environment = { ...(await shellOf()), ...variablesOf(firing.labels, places) };
      const blocks = blocksOf(runbooks, alert);
      expect(blocks.length).toBeGreaterThan(1);
      const printed: string[] = [];
      for (const block of blocks) printed.push(await runBlock(block, environment));
      for (const each of prints) expect(printed.join("")).toContain(each);
    },
    200_000,
  );
});
