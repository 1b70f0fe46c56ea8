// The way of a plan in a cluster: kinds, a classifier and live traffic in, plans out by the group's job, which
// routers follow without a restart, until the certificate is revoked. What each step is worth by itself,
// test/system/plans has.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLabels, readRecords } from "../../src/records/index.ts";
import type { Plan, PlanEntry } from "../../src/table/index.ts";
import {
  applyExample,
  exampleNamespace,
  orderFault,
  quickenSimulators,
  rolledOut,
  routesProgrammed,
  serviceAddress,
} from "../support/cluster/installed-example.ts";
import { listPods, type Pod } from "../support/cluster/pods.ts";
import { withForwardedPort } from "../support/cluster/port-forward.ts";
import {
  installWithRecords,
  jobCompleted,
  openRecords,
  runJob,
  type ClusterRecords,
} from "../support/cluster/records-in-cluster.ts";
import { routerAddresses } from "../support/cluster/team-setup.ts";
import { useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";
import {
  baseline,
  candidates,
  questionsFor,
  questionsOf,
  type Mix,
} from "../support/journey/exam.ts";
import { classifierMap, examResources, goldenSetMap } from "../support/journey/exam-manifests.ts";
import { askExam, type Answered } from "../support/journey/exam-traffic.ts";
import { writeTrainingData } from "../support/journey/training-data.ts";
import { models } from "../support/local-resources.ts";
import { yamlOf } from "../support/start-local.ts";
import { SwitchyardProcess } from "../support/switchyard-process.ts";

const patient = { timeout: 90_000, interval: 500 };
const inNamespace = words`-n ${exampleNamespace}`;

const cluster = useCluster(installWithRecords);

const kubectl = (parameters: readonly string[], input?: string): Promise<string> =>
  cluster().kubectl([...inNamespace, ...parameters], input);

/** Runs a command on this machine to its end, which must be a good one. */
async function command(words: string[], environment: Record<string, string> = {}): Promise<void> {
  const { code, stderr } = await new SwitchyardProcess(words, environment).ended();
  expect([code, stderr]).toEqual([0, ""]);
}

interface PlanMap {
  data?: { "plans.json"?: string };
}

async function plansWritten(): Promise<PlanEntry[]> {
  const asked = words`get configmap switchyard-default-plans -o json`;
  const { data } = JSON.parse(await kubectl(asked)) as PlanMap;
  return (JSON.parse(data?.["plans.json"] ?? '{"plans":[]}') as { plans: PlanEntry[] }).plans;
}

const entryOf = (entries: readonly PlanEntry[], tenant: Mix | null): PlanEntry | undefined =>
  entries.find(({ route, tenant: whose }) => route === "exam" && whose === tenant);

/** The plan job, as if so many hours had gone by. */
async function planAt(hours: number): Promise<PlanEntry[]> {
  const now = new Date(Date.now() + hours * 3_600_000).toISOString();
  await runJob(cluster(), `planning-${hours}`, ["plan", "--cluster", "--now", now]);
  return plansWritten();
}

const routers = (): Promise<Pod[]> =>
  listPods(cluster(), exampleNamespace, "app.kubernetes.io/component=router");

/** By type of those that are true. */
async function conditionsOf(route: string): Promise<string[]> {
  const path = 'jsonpath={range .status.conditions[?(@.status=="True")]}{.type} {end}';
  return (await kubectl([...words`get modelroute ${route} -o`, path])).trim().split(" ");
}

describe("the way of a plan in a cluster", () => {
  const questions = { easy: questionsOf("easy"), hard: questionsOf("hard") };
  let home: string;
  let records: ClusterRecords;
  let url: string;
  let pods: Pod[];
  let plans: Record<Mix, Plan>;

  const askAs = (mix: Mix, count: number): Promise<Answered[]> =>
    askExam(url, mix, questions[mix], count);

  /** Until every router says so of a tenant's request. */
  async function servedBy(mix: Mix, reason: string): Promise<void> {
    const reasons = async () => {
      const said = (await routerAddresses(cluster())).map((address) =>
        askExam(`http://${address}`, mix, questions[mix], 1),
      );
      return (await Promise.all(said)).flat().map((each) => each.reason);
    };
    await expect.poll(reasons, patient).toEqual([reason, reason]);
  }

  /** Until so many of the answered requests have been compared, and all their records are in the bucket. */
  async function compared(answered: readonly Answered[], least: number) {
    const ids = new Set(answered.map(({ requestId }) => requestId));
    const found = async () => {
      const labels = await Array.fromAsync(readLabels(records.store));
      const prompts = new Set(labels.map(({ prompt_id: id }) => id));
      const all = await Array.fromAsync(readRecords(records.store));
      const own = all.filter(({ request_id: id }) => ids.has(id));
      return own.length === ids.size && ids.intersection(prompts).size >= least ? own : undefined;
    };
    await expect.poll(found, patient).toBeDefined();
    return (await found()) ?? [];
  }

  beforeAll(async () => {
    records = await openRecords(cluster());
    home = await mkdtemp(join(tmpdir(), "switchyard-plan-journey-"));
    await writeTrainingData(join(home, "data"));
    await writeFile(join(home, "golden-set.yaml"), goldenSetMap());
    const model = join(home, "model.gz");
    await command(["train", "--data", join(home, "data"), "--out", model]);
    await applyExample(cluster());
    await quickenSimulators(cluster());
    const endpoint = "http://simulators.models.svc:9000";
    const maps = [classifierMap(await readFile(model)), goldenSetMap()];
    await kubectl(words`apply --server-side -f -`, maps.join("---\n"));
    await kubectl(words`apply -f -`, yamlOf(examResources(endpoint)));
    await routesProgrammed(cluster());
    await rolledOut(cluster(), "switchyard-default");
    await rolledOut(cluster(), "simulators");
    url = `http://${await serviceAddress(cluster(), "switchyard-default")}`;
    pods = await routers();
    expect(pods).toHaveLength(2);
  });

  afterAll(() => rm(home, { recursive: true, force: true }));

  it("begins with a golden set, which somebody replays through a router's admin port", async () => {
    const files = ["--set", join(home, "golden-set.yaml"), "--model", join(home, "model.gz")];
    await withForwardedPort(cluster(), { pod: pods[0]?.name ?? "", port: 8081 }, (admin) =>
      command(["golden", ...files, "--route", "exam", "--url", admin], records.environment),
    );
    const asked = questionsFor("golden").length;
    const kept = async () => {
      const all = await Array.fromAsync(readRecords(records.store));
      return all.filter(({ arm }) => arm === "golden").length;
    };
    await expect.poll(kept, patient).toBe(asked * candidates.length);
  });

  it("goes on with the baseline, until the job has made plans of what routers recorded", async () => {
    const answered = [...(await askAs("easy", 300)), ...(await askAs("hard", 300))];
    for (const { backend, reason } of answered)
      expect([backend, reason]).toEqual([baseline, "no_plan"]);
    await compared(answered, 240);
    await kubectl(words`create job planning --from=cronjob/switchyard-default-plan`);
    await jobCompleted(cluster(), "planning");
    const first = await plansWritten();
    const labels = { golden: questionsFor("golden").length };
    expect(entryOf(first, null)).toMatchObject({ next: { plan: { certificate: { labels } } } });
    expect(entryOf(first, "easy")).toMatchObject({ current: null, next: { sharePercent: 10 } });
    const entries = await planAt(100);
    const [easy, hard] = [entryOf(entries, "easy")?.current, entryOf(entries, "hard")?.current];
    if (!easy || !hard) throw new Error(JSON.stringify(entries));
    plans = { easy, hard };
    expect(easy.lambda).toBeGreaterThan(2 * hard.lambda);
  });

  it("has every router follow each tenant's own plan, without a restart", async () => {
    for (const mix of ["easy", "hard"] as const) {
      await servedBy(mix, "planned");
      const served = await compared(await askAs(mix, 100), 30);
      for (const record of served)
        expect(record).toMatchObject({
          choice_reason: "planned",
          plan_digest: plans[mix].digest,
          plan: { tenant: true, certified: true, lambda: plans[mix].lambda },
        });
    }
    expect(await routers()).toEqual(pods);
    expect(await conditionsOf("exam")).toEqual(
      expect.arrayContaining(["Accepted", "Programmed", "Ready"]),
    );
  });

  it("ends with the certificate, where the cheap model has lost its skill", async () => {
    await orderFault(cluster(), { model: models.micro, kind: "less-skill", skillDrop: 60 });
    await compared(await askAs("easy", 250), 100);
    const entries = await planAt(102);
    expect(entryOf(entries, "easy")).toMatchObject({
      current: null,
      evidence: { because: "Revoked" },
    });
    expect(entryOf(entries, "hard")?.current?.digest).toBe(plans.hard.digest);
    await servedBy("easy", "no_plan");
    for (const { backend } of await askAs("easy", 20)) expect(backend).toBe(baseline);
    for (const { reason } of await askAs("hard", 20)) expect(reason).toBe("planned");
    expect(await routers()).toEqual(pods);
    expect(await conditionsOf("exam")).toEqual(
      expect.arrayContaining(["Accepted", "Programmed", "Ready"]),
    );
  });
});
