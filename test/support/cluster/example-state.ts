import { awaitCondition } from "./await-condition.ts";
import { exampleNamespace } from "./installed-example.ts";
import type { Cluster } from "./cluster.ts";
import { words } from "./words.ts";

export const routersLabel = "app.kubernetes.io/component=router";
export const operatorsLabel = "app.kubernetes.io/component=operator";

/** Changes fields of one of the example's resources. */
export async function edit(
  { kubectl }: Cluster,
  kind: string,
  name: string,
  spec: object,
): Promise<void> {
  const patch = words`-n ${exampleNamespace} patch ${kind} ${name} --type merge`;
  await kubectl([...patch, "-p", JSON.stringify({ spec })]);
}

interface Route {
  metadata: { generation: number };
  status?: {
    observedGeneration?: number;
    programmed?: string;
    conditions?: { type: string; status: string; observedGeneration?: number }[];
  };
}

/** What the status of the example's route says of the generation that the route has. */
async function routeStatus({ kubectl }: Cluster): Promise<string> {
  const route = words`-n ${exampleNamespace} get modelroute assistant -o json`;
  const { metadata, status } = JSON.parse(await kubectl(route)) as Route;
  if (status?.observedGeneration !== metadata.generation) return "of an older generation";
  const current = status.conditions?.filter(
    ({ observedGeneration }) => observedGeneration === metadata.generation,
  );
  const isTrue = (type: string): boolean =>
    current?.some((condition) => condition.type === type && condition.status === "True") ?? false;
  return `${isTrue("Ready") ? "Ready" : "not ready"}, ${isTrue("Programmed") ? status.programmed : "not"} programmed`;
}

let edits = 0;

/** Edits the example's route and waits until both routers serve the edit. */
export async function awaitEditTaken(cluster: Cluster): Promise<void> {
  edits += 1;
  await edit(cluster, "modelroute", "assistant", { envelope: { totalP95: `${100 + edits}s` } });
  await awaitCondition(async () => (await routeStatus(cluster)) === "Ready, 2/2 programmed", {
    that: "both routers have taken an edit of the route",
    limitMs: 60_000,
    tell: () => routeStatus(cluster),
  });
}

const kinds =
  "configmaps,deployments,services,serviceaccounts,roles,rolebindings," +
  "horizontalpodautoscalers,poddisruptionbudgets,networkpolicies";

/**
 * Every object that the operator has made, by kind and name. Which of its two slots a bucket is in
 * changes with every edit: they count as one.
 */
export async function listObjects({ kubectl }: Cluster): Promise<string[]> {
  const mine = "app.kubernetes.io/managed-by=switchyard";
  const listed = await kubectl(words`-n ${exampleNamespace} get ${kinds} -l ${mine} -o name`);
  const names = listed.trim().split("\n");
  return [...new Set(names.map((name) => name.replace(/(bucket-\d+)-[ab]$/, "$1")))].toSorted();
}
