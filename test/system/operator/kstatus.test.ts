import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { kindNames, type Kind } from "../../../src/api/index.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { kstatusOf } from "../../support/kstatus.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { specs } from "./sample-specs.ts";

const controlPlane = useControlPlane({}, installDefinitions);

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
});

afterEach(() => bench.close());

/** What compile alone finds out: the API server takes it. */
const invalid: Readonly<Record<Kind, { spec: object; field: string }>> = {
  ModelBackend: {
    spec: {
      ...specs.ModelBackend("nova"),
      bedrock: {
        modelId: "amazon.nova-lite-v1:0",
        region: "eu-central-1",
        endpoint: "https://169.254.169.254/",
      },
    },
    field: "spec.bedrock.endpoint",
  },
  ModelRoute: {
    spec: { ...specs.ModelRoute("chat"), models: ["taken"] },
    field: "spec.models[0]",
  },
  TenantPolicy: {
    spec: specs.TenantPolicy("older"),
    field: "spec.subjects[0]",
  },
};

const subjects: Readonly<Record<Kind, string>> = {
  ModelBackend: "nova",
  ModelRoute: "chat",
  TenantPolicy: "team",
};

async function seen(kind: Kind) {
  const object = await bench.read(kind, subjects[kind]);
  if (object === undefined) return "gone";
  const status = await bench.status(kind, subjects[kind]);
  return kstatusOf({ metadata: object.metadata, ...(status && { status }) });
}

const is = (kind: Kind, wanted: string) => becomes(() => seen(kind), wanted);

/** Every judgement is of the generation that the status speaks of. */
async function observesEverywhere(kind: Kind): Promise<void> {
  const status = await bench.status(kind, subjects[kind]);
  const conditions: { type: string; observedGeneration?: number }[] = status?.conditions ?? [];
  const generations = conditions.map(({ observedGeneration }) => observedGeneration);
  expect(generations.length).toBeGreaterThan(3);
  const object = await bench.read(kind, subjects[kind]);
  expect(new Set(generations)).toEqual(new Set([object?.metadata.generation]));
  expect(status?.observedGeneration).toBe(object?.metadata.generation);
}

async function applyRest(): Promise<void> {
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "taken");
  await bench.apply("TenantPolicy", "older");
  // Of two that clash the older wins, and ages have seconds.
  const oldest = await eventually(
    () => bench.read("TenantPolicy", "older"),
    (object) => Date.now() - Date.parse(object?.metadata.creationTimestamp ?? "") > 1_100,
  );
  expect(oldest).toBeDefined();
  await bench.apply("ModelRoute", "chat");
  await bench.apply("TenantPolicy", "team");
}

describe.each(kindNames)("%s, as kstatus reads it", (kind) => {
  const name = subjects[kind];

  test("is in progress until the operator and the routers are done, failed while it is invalid, and then gone", async () => {
    await applyRest();
    // Nobody has looked at it yet: that is not done.
    expect(await seen(kind)).toBe("InProgress");

    await bench.start();
    await becomes(async () => (await bench.status(kind, name))?.observedGeneration, 1);
    await eventually(() => bench.read("ServiceAccount", "switchyard-default"), Boolean);
    expect(await seen(kind)).toBe("InProgress");
    await observesEverywhere(kind);
    await bench.playRouter("router-a");
    await is(kind, "Current");
    await observesEverywhere(kind);

    await bench.apply(kind, name, invalid[kind].spec);
    await is(kind, "Failed");
    await observesEverywhere(kind);
    const status = await bench.status(kind, name);
    const stalled = status?.conditions.find(({ type }) => type === "Stalled");
    expect(stalled?.message).toContain(`${invalid[kind].field}: `);
    expect(status?.conditions.map(({ type }) => type)).not.toContain("Reconciling");

    await bench.apply(kind, name, mended(kind));
    await becomes(async () => (await bench.status(kind, name))?.observedGeneration, 3);
    await is(kind, "InProgress");
    expect((await bench.status(kind, name))?.conditions.map(({ type }) => type)).not.toContain(
      "Stalled",
    );
    await eventually(
      async () => {
        await bench.acknowledge("router-a");
        return seen(kind);
      },
      (read) => read === "Current",
    );
    await observesEverywhere(kind);

    await bench.apply(kind, name, mended(kind), { finalizers: ["example.dev/hold"] });
    await bench.remove(kind, name);
    await is(kind, "Terminating");
    await bench.apply(kind, name, mended(kind), { finalizers: [] });
    await is(kind, "gone");
  });
});

/** Valid again, and not as it was before: routers must load it. */
function mended(kind: Kind): object {
  const spec = specs[kind](subjects[kind]);
  if (kind === "ModelBackend") return { ...spec, maxOutputTokens: 4_000 };
  if (kind === "ModelRoute") return { ...spec, models: ["mended"] };
  return { ...spec, envelope: { maxUsdPerRequest: "0.5" } };
}
