import { stringify } from "yaml";
import { backendOf, routeOf, tenantOf, type LocalResource } from "../local-resources.ts";
import { baseline, candidates, questionsFor, type Mix } from "./exam.ts";

export const floorPercent = 80;

/** By tenant, which is named like what it asks. */
export const tenantKeys: Readonly<Record<Mix, string>> = {
  easy: "sy_key-of-who-asks-what-is-easy",
  hard: "sy_key-of-who-asks-what-is-hard",
};

/**
 * A route `exam` whose floor must be certified, judged by a classifier in the ConfigMap `exam-model`, and two
 * tenants who want plans of their own.
 *
 * @param endpoint where simulators are
 */
export function examResources(endpoint: string): LocalResource[] {
  const backend = { name: baseline };
  return [
    ...candidates.map((name) => backendOf(name, { target: { endpoint } })),
    routeOf("exam", candidates, {
      access: "Tenants",
      selection: { type: "CheapestWithinEnvelope" },
      quality: { floorPercent, assurance: "Certified" },
      baseline: backend,
      classifier: { type: "ConfigMap", configMap: { name: "exam-model" } },
      arms: { shadowPercent: 50, comparison: { type: "Agreement" } },
    }),
    ...(["easy", "hard"] as const).map((mix) =>
      tenantOf(mix, tenantKeys[mix], { plan: { enabled: true } }),
    ),
  ];
}

/** @param packed what `switchyard train` wrote */
export const classifierMap = (packed: Buffer): string =>
  stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "exam-model", labels: { "switchyard.dev/holds": "classifier" } },
    binaryData: { "model.gz": packed.toString("base64") },
  });

/** @param questions the exam's own part of them, of which no training heard, if nothing else is said */
export function goldenSetMap(questions = questionsFor("golden")): string {
  const items = questions.map(({ prompt, expected }, at) => ({
    id: `q${at}`,
    prompt,
    checks: [{ regex: { pattern: `(^|\\s)${RegExp.escape(expected)}\\.?$` } }],
  }));
  return stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "exam-golden-set", labels: { "switchyard.dev/holds": "golden-set" } },
    data: { "golden-set.yaml": stringify({ version: 1, name: "exam-golden-set", items }) },
  });
}
