import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect, type Connection } from "../../../src/kube/index.ts";
import { seededRandom, systemClock } from "../../../src/lib/index.ts";
import {
  operatorConfig,
  startOperator,
  type RunningOperator,
} from "../../../src/operator/index.ts";
import { makeLog } from "../../../src/telemetry/index.ts";
import { silence } from "../../support/kube/faults.ts";
import { HostileApi, isWatch, type Call } from "../../support/kube/hostile-api.ts";
import { until } from "../../support/kube/mirror.ts";
import { specs } from "../../system/operator/sample-specs.ts";

/** How long one call waits: stopping is to be bounded by itself, not by the sum of its calls. */
const callMs = 120_000;

const namespace = "shop";
const leases = "/apis/coordination.k8s.io/v1/leases";
const leaderLease = { resource: leases, namespace, name: "switchyard-operator" };

let api: HostileApi;
let connection: Connection;
let operator: RunningOperator;

beforeEach(async () => {
  api = await HostileApi.start();
  connection = connect(api.endpoint, undefined, { headersMs: callMs, answerMs: callMs });
  for (const [plural, kind, name] of [
    ["modelbackends", "ModelBackend", "nova"],
    ["modelroutes", "ModelRoute", "chat"],
  ] as const) {
    const resource = `/apis/switchyard.dev/v1alpha1/${plural}`;
    const object = { apiVersion: "switchyard.dev/v1alpha1", kind, spec: specs[kind](name) };
    api.state.put({ resource, namespace, name }, object);
  }
  operator = await startOperator({
    connection,
    config: operatorConfig.parse({ image: "switchyard:test", namespace }),
    namespace,
    identity: "operator-one",
    clock: systemClock,
    random: seededRandom(5),
    log: makeLog({ level: "error", output: { write: () => undefined } }),
  });
});

afterEach(async () => {
  await connection.close();
  await api.close();
});

/** From now on no call that fits is answered. */
function hush(when: (call: Call) => boolean): void {
  for (let times = 0; times < 1_000; times += 1) api.order(silence, when);
}

const isOfGroup = ({ method, path }: Call) => method !== "GET" && !path.includes("/leases");

const holder = () =>
  (api.state.get(leaderLease)?.["spec"] as { holderIdentity?: string } | undefined)?.holderIdentity;

const writesAfter = (at: number) => api.calls.filter((call) => isOfGroup(call) && call.at > at);

describe("an operator that is told to stop", { timeout: 30_000 }, () => {
  test("gives up its Lease and ends where the API server hangs in the midst of its writes", async () => {
    hush(isOfGroup);
    await until(() => api.calls.some(isOfGroup));
    expect(holder()).toBe("operator-one");
    await operator.stop();
    const endedAt = performance.now();
    expect(holder()).toBe("");
    expect(operator.isLeading()).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(writesAfter(endedAt)).toEqual([]);
  });

  test("ends where the API server answers nothing at all", async () => {
    hush(isOfGroup);
    await until(() => api.calls.some(isOfGroup));
    hush(() => true);
    await operator.stop();
    const endedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(api.calls.filter(({ at }) => at > endedAt)).toEqual([]);
  });

  test("ends before it has read anything, where listings hang", async () => {
    await operator.stop();
    hush((call) => isWatch(call));
    const second = await startOperator({
      connection,
      config: operatorConfig.parse({ image: "switchyard:test", namespace }),
      namespace,
      identity: "operator-two",
      clock: systemClock,
      random: seededRandom(5),
      log: makeLog({ level: "error", output: { write: () => undefined } }),
    });
    expect(second.isReady()).toBe(false);
    await second.stop();
    expect(holder() ?? "").not.toBe("operator-two");
  });

  test("lets what is under way end where the API server answers", async () => {
    await until(
      () =>
        api.state.get({
          ...leaderLease,
          resource: "/api/v1/configmaps",
          name: "switchyard-default-table",
        }) !== undefined,
    );
    await operator.stop();
    expect(holder()).toBe("");
  });
});
