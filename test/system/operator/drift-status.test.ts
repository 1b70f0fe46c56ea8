// What the drift job says of routes, on a real API server: beside the operator, which writes the same statuses.
import { afterEach, beforeEach, expect, test } from "vitest";
import { listRoutes, writeStatuses } from "../../../src/cli/drift/drift-cluster.ts";
import {
  applyObject,
  connect,
  resourceTypes,
  type Connection,
  type KubeObject,
} from "../../../src/kube/index.ts";
import { operatorConfig } from "../../../src/operator/index.ts";
import { buildDriftRole, driftJob } from "../../../src/operator/specs/drift-job.ts";
import { buildJobRoleBinding, buildJobServiceAccount } from "../../../src/operator/specs/job.ts";
import type { DriftJudgement, RouteDrift } from "../../../src/table/index.ts";
import { driftReport, routeDrift } from "../../support/drift-report.ts";
import { useHelm } from "../../support/helm.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { makeGroup } from "../../unit/operator/specs/group-case.ts";
import { routeSpec } from "./sample-specs.ts";

const controlPlane = useControlPlane({}, installDefinitions);
const helm = useHelm();

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
});

afterEach(() => bench.close());

const watched = (namespace: string) => ({
  config: operatorConfig.parse({
    image: "switchyard:test",
    namespace,
    classes: { default: { prometheus: { url: "http://prometheus:9090" } } },
  }),
});

const said = (state: DriftJudgement["state"]): DriftJudgement => ({
  state,
  sentence: `Latency is ${state}.`,
});

const found = (state: DriftJudgement["state"]): RouteDrift =>
  routeDrift({ latency: said(state), series: [] });

/** One run of the job, at so many hours. */
async function job(
  route: RouteDrift,
  hours = 0,
  connection: Connection = bench.admin,
): Promise<void> {
  const report = driftReport({ chat: route });
  const lookedAt = report.lookedAt + hours * 3_600_000;
  await writeStatuses(connection, await listRoutes(connection, bench.namespace), {
    ...report,
    lookedAt,
  });
}

interface Status {
  conditions?: { type: string; status: string; lastTransitionTime: string }[];
  drift?: string;
}

async function statusOf(name = "chat"): Promise<Status> {
  const routes = await listRoutes(bench.admin, bench.namespace);
  const route = routes.find(({ object }) => object.metadata.name === name);
  return (route?.object["status"] ?? {}) as Status;
}

const conditionsOf = async (): Promise<string[]> =>
  ((await statusOf()).conditions ?? []).map(({ type, status }) => `${type} ${status}`).toSorted();

const driftEvents = async (): Promise<string[]> =>
  (await bench.events()).filter((event) => /Latency/.test(event));

async function applyWatched(): Promise<void> {
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat", { ...routeSpec("chat"), drift: {} });
}

test("a flip moves the time of its condition and makes one Event, and what stays makes none", async () => {
  await applyWatched();
  await job(found("ok"));
  const first = await statusOf();
  expect(first.drift).toBe("None");
  expect(await driftEvents()).toHaveLength(0);
  await job(found("drifted"), 24);
  await job(found("drifted"), 48);
  const drifted = await statusOf();
  expect(drifted).toMatchObject({ drift: "Latency" });
  expect(drifted.conditions?.find(({ type }) => type === "LatencyDrift")).toMatchObject({
    status: "True",
    lastTransitionTime: "2026-11-29T01:00:00Z",
  });
  expect(await driftEvents()).toHaveLength(1);
  await job(found("ok"), 72);
  expect(await driftEvents()).toHaveLength(2);
});

test("the operator and the job write one status at once, and neither loses what it said", async () => {
  await bench.start("operator-one", watched(bench.namespace));
  await applyWatched();
  const turns = Array.from({ length: 12 }, (_, turn) => turn);
  await Promise.all([
    ...turns.map((turn) =>
      bench.apply("ModelRoute", "chat", {
        ...routeSpec("chat"),
        drift: {},
        envelope: { totalP95: `${turn + 1}s` },
      }),
    ),
    (async () => {
      for (const turn of turns) await job(found(turn % 2 === 0 ? "drifted" : "ok"), turn);
    })(),
  ]);
  await job(found("drifted"), 20);
  await eventually(
    () => conditionsOf(),
    (conditions) =>
      ["Accepted True", "LatencyDrift True", "ResolvedRefs True"].every((each) =>
        conditions.includes(each),
      ),
  );
  expect((await statusOf()).drift).toBe("Latency");
});

test("what the job said goes where nobody watches the route any more, and the operator's stays", async () => {
  await bench.start("operator-one", watched(bench.namespace));
  await applyWatched();
  await eventually(conditionsOf, (conditions) => conditions.includes("Accepted True"));
  await job(found("drifted"));
  await becomes(async () => (await statusOf()).drift, "Latency");
  await bench.apply("ModelRoute", "chat", routeSpec("chat"));
  await becomes(async () => (await statusOf()).drift, undefined);
  const conditions = await conditionsOf();
  expect(conditions).toContain("Accepted True");
  expect(conditions.join()).not.toContain("LatencyDrift");
});

test("the job's rights are enough for its part of the status, and the chart's policy leaves it no more", async () => {
  const rendered = await helm().render({ image: { repository: "registry.example/switchyard" } });
  const policies = rendered.filter(
    ({ kind, metadata }) =>
      kind.startsWith("ValidatingAdmissionPolicy") && metadata.name.endsWith("-drift"),
  );
  expect(policies).toHaveLength(2);
  await controlPlane().kubectl(
    ["apply", "-f", "-"],
    policies.map((each) => JSON.stringify(each)).join("\n---\n"),
  );
  await applyWatched();
  const own = await asJob();
  try {
    // Roles and policies act some time after they are made, and what has got through before is no change any more.
    let turn = 0;
    await expect
      .poll(() => refusal(own, { programmed: `${(turn += 1)}/9` }), waiting)
      .toContain("programmed");
    await expect
      .poll(() => refusal(own, { conditions: [{ ...ready, message: `${(turn += 1)}` }] }), waiting)
      .toContain("EnvelopeMissed, LatencyDrift and AccuracyDrift alone");
    // What got through is the job's, and to leave it out would be a change too.
    expect(await refusal(bench.admin, {})).toBe("");
    await job(found("drifted"), 0, own);
    expect((await statusOf()).drift).toBe("Latency");
    expect(await driftEvents()).toHaveLength(1);
    await job(found("ok"), 24, own);
    expect((await statusOf()).drift).toBe("None");
  } finally {
    await own.close();
  }
});

const waiting = { timeout: 20_000, interval: 250 };

const ready = {
  type: "Ready",
  status: "True",
  reason: "Ready",
  message: "Says the job.",
  observedGeneration: 1,
  lastTransitionTime: "2026-11-28T00:00:00Z",
};

/** What the API server says where the job writes such a status; empty where it lets it. */
async function refusal(connection: Connection, status: object): Promise<string> {
  const [route] = await listRoutes(bench.admin, bench.namespace);
  const { name, uid } = route!.object.metadata;
  const object = {
    apiVersion: "switchyard.dev/v1alpha1",
    kind: "ModelRoute",
    metadata: { name, namespace: bench.namespace, ...(uid && { uid }) },
    status,
  };
  const type = resourceTypes.ModelRoute;
  const options = { connection, type, fieldManager: "switchyard-drift" } as const;
  return applyObject<KubeObject>(object, { ...options, subresource: "status" }).then(
    () => "",
    (error: unknown) => String(error),
  );
}

/** A connection with the job's own rights, and no others. */
async function asJob(): Promise<Connection> {
  const { namespace } = bench;
  const group = makeGroup({ namespace, drift: { goldenSets: [] } });
  const job = driftJob(group);
  for (const { metadata, ...object } of [
    buildJobServiceAccount(group, job),
    buildDriftRole(group),
    buildJobRoleBinding(group, job),
  ]) {
    // Nobody of this group is there to own it.
    const { ownerReferences: _, ...own } = metadata;
    const type = resourceTypes[object.kind as keyof typeof resourceTypes];
    const options = { connection: bench.admin, type, fieldManager: "test" };
    await applyObject<KubeObject>({ ...object, metadata: own }, options);
  }
  const token = await controlPlane().kubectl(["-n", namespace, "create", "token", job.name]);
  const { url, ca } = controlPlane();
  const authorize = () => Promise.resolve({ authorization: `Bearer ${token.trim()}` });
  return connect({ server: url, tls: { ca }, authorize });
}
