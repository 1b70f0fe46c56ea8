import { resolve } from "node:path";
import OpenAI from "openai";
import type { Cluster } from "./cluster.ts";
import { words } from "./words.ts";

export const repository = resolve(import.meta.dirname, "../../..");
export const systemNamespace = "switchyard-system";
/** Where the example of `examples/kubernetes` lies. */
export const exampleNamespace = "models";
const exampleKey = "sy_local-example-key-for-the-support-team";

const valuesFile = `${repository}/examples/kubernetes-values.yaml`;
const chart = `${repository}/charts/switchyard`;

/** Installs the chart, or upgrades its release, with the example's values and waits for its pods. */
export const installChart = (cluster: Cluster, ...more: readonly string[]): Promise<string> =>
  cluster.helm([
    ...words`upgrade --install switchyard ${chart} --namespace ${systemNamespace}`,
    ...words`--create-namespace --values ${valuesFile} --wait --timeout 180s`,
    ...more,
  ]);

/** The chart, the example, and every router and simulator of it ready. */
export async function installExample(cluster: Cluster): Promise<void> {
  await installChart(cluster);
  await applyExample(cluster);
  await routesProgrammed(cluster);
  await rolledOut(cluster, "switchyard-default");
  await rolledOut(cluster, "simulators");
}

export const applyExample = (cluster: Cluster): Promise<string> =>
  cluster.kubectl(words`apply -k ${repository}/examples/kubernetes`);

/** Simulators that answer at once: for where no time is looked at. */
export async function quickenSimulators({ kubectl }: Cluster): Promise<void> {
  const args = ["simulate", "--host", "0.0.0.0", "--port", "9000", "--speed", "1000000"];
  const patch = { spec: { template: { spec: { containers: [{ name: "simulators", args }] } } } };
  const order = words`-n ${exampleNamespace} patch deployment simulators --patch`;
  await kubectl([...order, JSON.stringify(patch)]);
}

/** From now on the simulators misbehave so: docs/simulators.md has the faults. */
export async function orderFault(cluster: Cluster, fault: object): Promise<void> {
  const simulators = `http://${await serviceAddress(cluster, "simulators")}:9000`;
  const body = JSON.stringify(fault);
  const { status } = await fetch(`${simulators}/_control/faults`, { method: "POST", body });
  if (status !== 201) throw new Error(`The simulators took no fault: ${status}`);
}

/** Until every route's status says so of the generation that it has. */
export async function routesProgrammed(cluster: Cluster): Promise<void> {
  const wait = words`-n ${exampleNamespace} wait modelroute --all --timeout=90s`;
  await cluster.kubectl([...wait, "--for=condition=Programmed"]);
}

/** Until a Deployment of the example has all pods of its newest kind ready, and no others. */
export async function rolledOut(cluster: Cluster, deployment: string): Promise<void> {
  const status = words`-n ${exampleNamespace} rollout status deployment/${deployment}`;
  await cluster.kubectl([...status, "--timeout=110s"]);
}

/** The address of a Service of the example. */
export function serviceAddress(cluster: Cluster, name: string): Promise<string> {
  const address = "jsonpath={.spec.clusterIP}";
  return cluster.kubectl(words`-n ${exampleNamespace} get service ${name} -o ${address}`);
}

/** The package as users have it, but for its own retries, which would hide what routers answer. */
export const exampleClient = async (cluster: Cluster): Promise<OpenAI> =>
  new OpenAI({
    baseURL: `http://${await serviceAddress(cluster, "switchyard-default")}/v1`,
    apiKey: exampleKey,
    maxRetries: 0,
    timeout: 60_000,
  });

/** What the assistant of the example answers. */
export async function ask(client: OpenAI, question: string): Promise<string> {
  const answer = await client.chat.completions.create({
    model: "assistant",
    messages: [{ role: "user", content: question }],
  });
  return answer.choices[0]?.message.content ?? "";
}
