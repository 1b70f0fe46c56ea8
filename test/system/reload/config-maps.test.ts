// Edits of plans and of a classifier in the folder of a running router.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { modelFile } from "../../support/model-file.ts";
import { plan, planEntry } from "../../support/plan-entry.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const [one, two] = [modelFile(1), modelFile(2)];

let local: Local;

beforeEach(async () => {
  local = await startLocal({
    resources: [
      backendOf("micro"),
      routeOf("open", ["micro"], {
        classifier: { type: "ConfigMap", configMap: { name: "ours" } },
      }),
    ],
  });
});

afterEach(() => local.stop());

interface Shown {
  digest: string;
  classifiers: { builtIn: string | null; own: string | null };
  plans: { current: { lambda: number } | null }[];
}

const table = async () => (await (await fetch(`${local.adminUrl}/table`)).json()) as Shown;

/** Saves a ConfigMap and waits until the router has looked at it. */
async function hold(name: string, holds: string, content: object): Promise<readonly string[]> {
  const seen = local.refreshes.length;
  const labels = { "switchyard.dev/holds": holds };
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, ...content };
  await local.write(JSON.stringify(map), `${name}.json`);
  return (await local.refreshed(() => true, seen)).problems;
}

const holdModel = (bytes: Uint8Array | string) =>
  hold("ours", "classifier", { binaryData: { "model.gz": gzipSync(bytes).toString("base64") } });

function holdPlan(lambda: number) {
  const candidates = [{ backend: "micro", handicap: 0 }];
  const plans = [
    planEntry({
      route: "open",
      current: plan({ lambda, candidates, model: one.digest, certificate: null }),
    }),
  ];
  return hold("plans", "plans", { data: { "plans.json": JSON.stringify({ version: 1, plans }) } });
}

it("a plan is followed as it is saved, and a text that is none leaves the last one in force", async () => {
  await holdModel(one.bytes);
  await holdPlan(3);
  expect((await table()).plans[0]?.current?.lambda).toBe(3);
  await holdPlan(4);
  expect((await table()).plans[0]?.current?.lambda).toBe(4);
  const problems = await hold("plans", "plans", { data: { "plans.json": "none" } });
  expect(problems).toContainEqual(
    expect.stringMatching(/^plans\.json:1: ConfigMap plans: data\["plans\.json"\]: .+is not JSON/),
  );
  expect((await table()).plans[0]?.current?.lambda).toBe(4);
});

it("a classifier is swapped as it is saved, and one that cannot be used leaves the last one in force", async () => {
  const { classifiers } = await table();
  expect(classifiers).toEqual({ builtIn: expect.stringMatching(/^[0-9a-f]{64}$/), own: null });
  await holdModel(one.bytes);
  expect((await table()).classifiers.own).toBe(one.digest);
  await holdModel(two.bytes);
  const { digest } = await table();
  const problems = await holdModel("no model");
  expect(problems).toContainEqual(expect.stringContaining("cannot be used (These bytes are no"));
  expect(await table()).toMatchObject({ digest, classifiers: { own: two.digest } });
});
