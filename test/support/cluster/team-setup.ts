import OpenAI from "openai";
import { parse } from "yaml";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { apiErrorOf } from "../openai-client.ts";
import type { Cluster } from "./cluster.ts";
import { readParts } from "./cluster-parts.ts";
import { edit } from "./example-state.ts";
import { redisImage } from "./images.ts";
import { exampleNamespace, repository } from "./installed-example.ts";
import { words } from "./words.ts";

export const teamFolder = "examples/team";
export const supportKey = "sy_team-example-new-key-of-support";

interface Overlay {
  images: { name: string; newTag: string }[];
}

/** Gives the node an image under the name by which the example asks for Redis; kind's node pulls its own. */
export async function loadRedis(cluster: Cluster): Promise<void> {
  const parts = readParts();
  if (parts.type === "Kind") return;
  const file = join(repository, teamFolder, "overlays/try/kustomization.yaml");
  const { images } = parse(await readFile(file, "utf8")) as Overlay;
  const tag = images.find(({ name }) => name === "redis")?.newTag ?? "";
  await cluster.loadImage(parts.images.redis);
  await cluster.tagImage(redisImage, `docker.io/library/redis:${tag}`);
}

/** What the pods of a ServiceAccount show. */
export const tokenOf = (
  { kubectl }: Cluster,
  account = "case-desk",
  audience = "switchyard",
): Promise<string> => kubectl(words`-n risk create token ${account} --audience ${audience}`);

export const clientOf = (address: string, apiKey: string): OpenAI =>
  new OpenAI({
    baseURL: `http://${address}/v1`,
    apiKey: apiKey.trim(),
    maxRetries: 0,
    timeout: 60_000,
  });

/** The addresses of the routers that are ready, each with its port. */
export async function routerAddresses({ kubectl }: Cluster): Promise<string[]> {
  const slices = words`-n ${exampleNamespace} get endpointslices -o json`;
  const label = words`-l kubernetes.io/service-name=switchyard-default`;
  const { items } = JSON.parse(await kubectl([...slices, ...label])) as {
    items: { endpoints?: { addresses: string[]; conditions: { ready?: boolean } }[] }[];
  };
  return items
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions.ready === true)
    .map(({ addresses }) => `${addresses[0]}:8080`)
    .toSorted();
}

export interface Said {
  text: string;
  tokens: number;
  headers: Headers;
}

/** One question and its answer. */
export async function askFor(client: OpenAI, model: string, content: string): Promise<Said> {
  const { data, response } = await client.chat.completions
    .create({ model, messages: [{ role: "user", content }], max_completion_tokens: 40 })
    .withResponse();
  const text = data.choices[0]?.message.content ?? "";
  return { text, tokens: data.usage?.total_tokens ?? 0, headers: response.headers };
}

/** What a question was refused with; fails where it was answered. */
export const refusalOf = (client: OpenAI, model: string, content: string) =>
  apiErrorOf(askFor(client, model, content));

/** The status of the answer to a question, whichever it is. */
export const statusOf = (client: OpenAI, model: string): Promise<number> =>
  askFor(client, model, "Repeat: hello").then(
    () => 200,
    (error: unknown) => (error instanceof OpenAI.APIError ? (error.status ?? 0) : 0),
  );

/** Changes a tenant's policy and waits until both routers serve it so. */
export async function editTenant(cluster: Cluster, name: string, spec: object): Promise<void> {
  await edit(cluster, "tenantpolicy", name, spec);
  await programmed(cluster);
}

/** Until every router serves what is written. */
export const programmed = ({ kubectl }: Cluster): Promise<string> =>
  kubectl([
    ...words`-n ${exampleNamespace} wait --for=condition=Programmed --timeout=60s --all`,
    "modelbackends,modelroutes,tenantpolicies",
  ]);

/** What the routers have printed so far: records of requests and of filters, as they come. */
export async function recordsOf<Kind extends object>(
  { kubectl }: Cluster,
  stream: "request" | "safety",
): Promise<Kind[]> {
  const label = words`-l app.kubernetes.io/component=router -c router --tail=-1`;
  const log = await kubectl([...words`-n ${exampleNamespace} logs`, ...label]);
  return log
    .split("\n")
    .filter((line) => line.includes(`"stream":"${stream}"`))
    .map((line) => JSON.parse(line) as Kind);
}
