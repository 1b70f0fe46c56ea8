// Records in a cluster: routers write them to a store that lies in it, and the group's job reads them there.
import { beforeAll, describe, expect, it } from "vitest";
import { readRecords, type RecordStore } from "../../src/records/index.ts";
import {
  applyExample,
  ask,
  exampleClient,
  exampleNamespace,
  rolledOut,
  routesProgrammed,
} from "../support/cluster/installed-example.ts";
import {
  installWithRecords,
  jobCompleted,
  openRecords,
  runJob,
} from "../support/cluster/records-in-cluster.ts";
import { useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";

const account = `system:serviceaccount:${exampleNamespace}:switchyard-default-plan`;
const requests = 6;

const cluster = useCluster(installWithRecords);

const kubectl = (parameters: readonly string[], input?: string): Promise<string> =>
  cluster().kubectl(parameters, input);

describe("records in a cluster", () => {
  let store: RecordStore;

  beforeAll(async () => {
    ({ store } = await openRecords(cluster()));
    await applyExample(cluster());
    await routesProgrammed(cluster());
    await rolledOut(cluster(), "switchyard-default");
    await rolledOut(cluster(), "simulators");
  });

  it("are written by every router to the bucket of its class", async () => {
    const client = await exampleClient(cluster());
    for (let asked = 0; asked < requests; asked += 1)
      expect(await ask(client, "Repeat: kept")).toBe("kept");
    const kept = async () => (await Array.fromAsync(readRecords(store))).length;
    await expect.poll(kept, { timeout: 60_000, interval: 500 }).toBe(requests);
  });

  it("are joined by a job with the group's own account, in the image with DuckDB", async () => {
    const name = "switchyard-default-plan";
    const path = "jsonpath={.spec.jobTemplate.spec.template.spec.containers[0].args}";
    const args = await kubectl(words`-n ${exampleNamespace} get cronjob ${name} -o ${path}`);
    expect(JSON.parse(args)).toEqual(["plan", "--cluster"]);
    const read = words`records evidence --engine duckdb --since 1h --namespace ${exampleNamespace}`;
    const lines = (await runJob(cluster(), "reading", read)).trimEnd();
    const said = lines.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    const rows = said.filter((each) => "requestId" in each);
    expect(rows).toHaveLength(requests);
    for (const row of rows) expect(row).toMatchObject({ route: "assistant", labels: [] });
    expect(said.find((each) => "rows" in each)).toMatchObject({ rows: requests, broken: 0 });
  });

  it("are what the job plans from, by its own command", async () => {
    const job = words`create job planning --from=cronjob/switchyard-default-plan`;
    await kubectl([...words`-n ${exampleNamespace}`, ...job]);
    await jobCompleted(cluster(), "planning");
    const asked = words`-n ${exampleNamespace} get configmap switchyard-default-plans -o json`;
    const { data, metadata } = JSON.parse(await kubectl(asked)) as {
      data: Record<string, string>;
      metadata: { labels: object };
    };
    expect(metadata.labels).toMatchObject({ "switchyard.dev/holds": "plans" });
    expect(JSON.parse(data["plans.json"]!)).toMatchObject({ version: 1, class: "default" });
  });

  it("leave nothing to the job but to read, and to write its own plans", async () => {
    const may = (...verb: string[]) =>
      kubectl([...words`-n ${exampleNamespace} auth can-i --as ${account}`, ...verb]).then(
        (said) => said.trim(),
        () => "no",
      );
    expect(await may("get", "configmap/switchyard-default-table")).toBe("yes");
    expect(await may("patch", "configmap/switchyard-default-plans")).toBe("yes");
    for (const refused of [
      ["list", "configmaps"],
      ["list", "modelroutes"],
      ["patch", "configmap/switchyard-default-table"],
      ["create", "configmaps"],
      ["delete", "configmap/switchyard-default-plans"],
      ["get", "secret/records-key"],
      ["patch", "modelroutes"],
      ["create", "leases"],
    ])
      expect([refused, await may(...refused)]).toEqual([refused, "no"]);
    const plans = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "switchyard-default-plans" },
      data: { note: "of the job" },
    };
    const apply = words`apply --server-side --field-manager switchyard-plan --as ${account} -f -`;
    await kubectl([...words`-n ${exampleNamespace}`, ...apply], JSON.stringify(plans));
    // The operator looks at it again, and leaves what is the job's.
    await kubectl(
      words`-n ${exampleNamespace} label configmap switchyard-default-plans app.kubernetes.io/name=other --overwrite`,
    );
    const asked = words`-n ${exampleNamespace} get configmap switchyard-default-plans -o json`;
    const found = async () =>
      JSON.parse(await kubectl(asked)) as { data?: object; metadata: { labels: object } };
    await expect
      .poll(async () => (await found()).metadata.labels, { timeout: 30_000 })
      .toMatchObject({ "app.kubernetes.io/name": "switchyard" });
    expect((await found()).data).toEqual(plans.data);
  });
});
