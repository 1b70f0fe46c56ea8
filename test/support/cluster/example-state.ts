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

/** Edits the example's route and waits until all routers, so many, serve the edit. */
export async function awaitEditTaken(cluster: Cluster, routers = 2): Promise<void> {
  edits += 1;
  await edit(cluster, "modelroute", "assistant", { envelope: { totalP95: `${100 + edits}s` } });
  const taken = `Ready, ${routers}/${routers} programmed`;
  await awaitCondition(async () => (await routeStatus(cluster)) === taken, {
    that: `${routers} routers have taken an edit of the route`,
    limitMs: 60_000,
    tell: () => routeStatus(cluster),
  });
}

const operatorsMark = "app.kubernetes.io/managed-by";

const kinds =
  "configmaps,deployments,services,serviceaccounts,roles,rolebindings," +
  "horizontalpodautoscalers,poddisruptionbudgets,networkpolicies";

/**
 * Every object that the operator has made, by kind and name. Which of its two slots a bucket is in
 * changes with every edit: they count as one.
 */
export async function listObjects({ kubectl }: Cluster): Promise<string[]> {
  const mine = `${operatorsMark}=switchyard`;
  const listed = await kubectl(words`-n ${exampleNamespace} get ${kinds} -l ${mine} -o name`);
  const names = listed.trim().split("\n");
  return [...new Set(names.map((name) => name.replace(/(bucket-\d+)-[ab]$/, "$1")))].toSorted();
}

/** Whatever there is, by kind and name and of every kind that can be listed, but for Events. */
export async function listEverything({ kubectl }: Cluster): Promise<{
  /** With the operator's label, wherever it is. */
  labelled: string[];
  /** Without it, in the example's namespace. */
  others: string[];
}> {
  const list = async (scope: readonly string[], ...kinds: string[]): Promise<string[]> => {
    const listable = await kubectl([...words`api-resources --verbs=list -o name`, ...kinds]);
    const all = listable
      .trim()
      .split("\n")
      .filter((kind) => !kind.startsWith("events"));
    return (await kubectl([...words`get ${all.join(",")} -o name`, ...scope])).trim().split("\n");
  };
  const labelled = await list(words`-A -l ${operatorsMark}=switchyard`);
  const here = words`-n ${exampleNamespace} -l ${operatorsMark}!=switchyard`;
  return { labelled: labelled.filter(Boolean), others: await list(here, "--namespaced=true") };
}
