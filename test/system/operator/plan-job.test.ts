import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { loadModel, shippedModel } from "../../../src/cli/model-store.ts";
import { openConfig } from "../../../src/cli/open-config.ts";
import { tableOfFolder } from "../../../src/cli/table-of-folder.ts";
import { publishedTable, writePlans, writtenPlans } from "../../../src/cli/plan-cluster.ts";
import {
  applyObject,
  connect,
  getObject,
  resourceTypes,
  type KubeObject,
} from "../../../src/kube/index.ts";
import { buildJobRoleBinding, buildJobServiceAccount } from "../../../src/operator/specs/job.ts";
import { buildPlanRole, buildPlans, planJob } from "../../../src/operator/specs/plan-job.ts";
import { readPlanFile, type PlanEntry } from "../../../src/table/index.ts";
import { keepGoldenRecords } from "../../support/golden-records.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { makeGroup } from "../../unit/operator/specs/group-case.ts";
import { OperatorBench } from "./operator-bench.ts";
import { publish } from "./router-bench.ts";

const records = mkdtempSync(join(tmpdir(), "switchyard-plan-job-"));
afterAll(() => rmSync(records, { recursive: true, force: true }));
const name = "switchyard-default-plans";
const day = "2027-03-04";

describe("switchyard plan --cluster", () => {
  const controlPlane = useControlPlane();

  beforeAll(async () => {
    const { digest } = await loadModel(shippedModel);
    await keepGoldenRecords(records, { prompts: 200, ts: `${day}T05:06:07.089Z`, digest });
  });

  async function withTable(): Promise<OperatorBench> {
    const bench = await OperatorBench.open(controlPlane());
    await write(bench, { name: "switchyard-default" }, "test");
    const config = await openConfig({ config: "test/fixtures/local" }, readEnvironment({}));
    const table = tableOfFolder(config);
    await publish(bench, { ...table, group: { ...table.group, namespace: bench.namespace } });
    return bench;
  }

  async function write(
    { namespace, admin }: OperatorBench,
    { name: map, data = {} }: { name: string; data?: Record<string, string> },
    fieldManager: string,
  ): Promise<void> {
    await applyObject<KubeObject>(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: map, namespace }, data },
      { connection: admin, type: resourceTypes.ConfigMap, fieldManager },
    );
  }

  function plan({ namespace }: OperatorBench, ...words: string[]) {
    const place = ["--kubeconfig", controlPlane().kubeconfig, "--namespace", namespace];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["src/cli/main.ts", "plan", "--cluster", ...place, "--records", records, ...words],
      { encoding: "utf8", timeout: 60_000 },
    );
    return { status, stdout, stderr };
  }

  async function writtenIn(bench: OperatorBench): Promise<readonly PlanEntry[]> {
    const map = await bench.configMap(name);
    const file = readPlanFile(map?.data?.["plans.json"] ?? "");
    if (!file.ok) throw new Error(file.error);
    return file.value.plans;
  }

  it("plans for the table that routers serve, and takes up its own plans in the next run", async () => {
    const bench = await withTable();
    const first = plan(bench, "--now", `${day}T06:00:00Z`);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    const [line] = first.stdout.split("\n");
    // The records are of another namespace: there is nothing to certify by.
    expect(JSON.parse(line ?? "")).toMatchObject({ stream: "plan", serves: "baseline" });
    const before = await writtenIn(bench);
    expect(before).toMatchObject([{ route: "assistant", tenant: null, current: null }]);
    const version = (await bench.configMap(name))?.metadata.resourceVersion;
    expect(plan(bench, "--now", `${day}T06:00:00Z`).status).toBe(0);
    expect((await bench.configMap(name))?.metadata.resourceVersion).toBe(version);
    await bench.close();
  });

  it("leaves what somebody else has written, unless it is told to take it over", async () => {
    const bench = await withTable();
    const data = { "plans.json": '{"version":1,"plans":[]}' };
    await write(bench, { name, data }, "somebody");
    const refused = plan(bench);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("--force takes them over");
    expect(await writtenIn(bench)).toEqual([]);
    expect(plan(bench, "--force").status).toBe(0);
    expect(await writtenIn(bench)).toHaveLength(1);
    await bench.close();
  });

  it("does with the rights of its own Role, and may read nothing else", async () => {
    const bench = await withTable();
    const { namespace } = bench;
    const group = makeGroup({ namespace, routerClass: "default" });
    const objects = [
      buildJobServiceAccount(group, planJob(group)),
      buildPlanRole(group),
      buildJobRoleBinding(group, planJob(group)),
      ...buildPlans(group),
    ];
    for (const { metadata, ...object } of objects) {
      // Nobody of this group is there to own it.
      const { ownerReferences: _, ...own } = metadata;
      const type = resourceTypes[object.kind as keyof typeof resourceTypes];
      const options = { connection: bench.admin, type, fieldManager: "switchyard" };
      await applyObject<KubeObject>({ ...object, metadata: own }, options);
    }
    const account = ["-n", namespace, "create", "token", "switchyard-default-plan"];
    const token = await controlPlane().kubectl(account);
    const { url, ca } = controlPlane();
    const authorize = () => Promise.resolve({ authorization: `Bearer ${token.trim()}` });
    const connection = connect({ server: url, tls: { ca }, authorize });
    const place = { namespace, routerClass: "default" };
    expect(Object.keys((await publishedTable(connection, place)).routes)).toContain("assistant");
    const { plans, shards } = await writtenPlans(connection, place);
    expect({ plans, shards }).toEqual({ plans: [], shards: 4 });
    const made: PlanEntry = { route: "assistant", tenant: null, current: null };
    await writePlans(connection, place, [made], { before: shards, force: false });
    expect(await writtenIn(bench)).toEqual([made]);
    await write(bench, { name: "of-a-team", data: { key: "private" } }, "team");
    const foreign = { namespace, name: "of-a-team" };
    await expect(getObject(connection, resourceTypes.ConfigMap, foreign)).rejects.toMatchObject({
      code: "Forbidden",
    });
    await connection.close();
    await bench.close();
  });

  it("says what is missing where no router has a table yet", async () => {
    const bench = await OperatorBench.open(controlPlane());
    const { status, stderr } = plan(bench);
    expect(status).toBe(1);
    expect(stderr).toContain("switchyard-default-table");
    await bench.close();
  });
});
