// Labelled ConfigMaps on a real API server: what the operator makes of plans and of a classifier.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { applyObject, resourceTypes } from "../../../src/kube/index.ts";
import { publicationKeys, publicationNames } from "../../../src/table/index.ts";
import { modelFile } from "../../support/model-file.ts";
import { plan, planEntry } from "../../support/plan-entry.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { specs } from "./sample-specs.ts";

const controlPlane = useControlPlane({}, installDefinitions);
const names = publicationNames("default");
const [one, two] = [modelFile(1), modelFile(2)];

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
});

afterEach(() => bench.close());

const hold = (name: string, holds: string, content: object) =>
  applyObject(
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name,
        namespace: bench.namespace,
        labels: { "switchyard.dev/holds": holds },
      },
      ...content,
    },
    { connection: bench.admin, type: resourceTypes.ConfigMap, fieldManager: "test", force: true },
  );

const holdPlans = (lambda: number) => {
  const chosen = plan({
    lambda,
    certificate: null,
    candidates: [{ backend: "nova", handicap: 0 }],
  });
  const plans = [planEntry({ current: chosen })];
  return hold("plans", "plans", { data: { "plans.json": JSON.stringify({ version: 1, plans }) } });
};

const holdModel = (bytes: Uint8Array | string) =>
  hold("ours", "classifier", {
    binaryData: { "model.gz": gzipSync(bytes).toString("base64") },
  });

const lambda = async () => (await bench.table())?.plans["chat"]?.current?.lambda;
const classifier = async () => (await bench.table())?.routes["chat"]?.classifier;
const slotOfModel = async (slot: "A" | "B") =>
  (await bench.configMap(names.model(slot)))?.binaryData?.[publicationKeys.model];

test("plans are published as they are applied, and kept where their ConfigMap is not valid", async () => {
  await bench.start();
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await holdPlans(3);
  await becomes(lambda, 3);
  await holdPlans(4);
  await becomes(lambda, 4);
  await hold("plans", "plans", { data: { "plans.json": "no JSON" } });
  await eventually(
    () => bench.events(),
    (events) => events.some((event) => event.endsWith(" Invalid")),
  );
  expect(await lambda()).toBe(4);
});

test("a classifier is swapped through its slot pair, and one that cannot be used changes nothing", async () => {
  await bench.start();
  await holdModel(one.bytes);
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat", {
    ...specs.ModelRoute("chat"),
    classifier: { type: "ConfigMap", configMap: { name: "ours" } },
  });
  await becomes(classifier, one.digest);
  expect(await slotOfModel("A")).toBe(gzipSync(one.bytes).toString("base64"));
  await holdModel(two.bytes);
  await becomes(classifier, two.digest);
  expect(await slotOfModel("B")).toBe(gzipSync(two.bytes).toString("base64"));
  await holdModel("no model");
  await becomes(
    () => bench.condition("ModelRoute", "chat", "ResolvedRefs"),
    "False ClassifierInvalid",
  );
  expect(await classifier()).toBe(two.digest);
});
