import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { makeKubectl } from "../kube/kubectl.ts";
import { serviceRange } from "./addresses.ts";
import { awaitCondition } from "./await-condition.ts";
import type { Cluster } from "./cluster.ts";
import type { KindParts } from "./cluster-parts.ts";
import { runProgram } from "./run-program.ts";
import { words } from "./words.ts";

const configuration = resolve(import.meta.dirname, "../../../kind-config.yaml");
const limitMs = 240_000;

// Where the kubelet of a kind node looks for what it is to run by itself, and where it does not.
const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
const aside = "/etc/kubernetes/kube-apiserver.yaml";

const docker = (parameters: readonly string[]): Promise<string> =>
  runProgram("docker", parameters, { limitMs });
const kind = (parameters: readonly string[]): Promise<string> =>
  runProgram("kind", parameters, { limitMs });

/** Whether a Docker that runs, and kind, are there. */
export const hasKind = (): Promise<boolean> =>
  Promise.all([docker(words`info`), kind(words`version`)]).then(
    () => true,
    () => false,
  );

/** @throws Error with what kind said where it made none */
export async function startKindCluster({ binaries }: KindParts): Promise<Cluster> {
  const home = await mkdtemp(join(tmpdir(), "switchyard-kind-"));
  const [name, kubeconfig] = [basename(home).toLowerCase(), join(home, "kubeconfig")];
  const node = `${name}-control-plane`;
  const inNode = (parameters: readonly string[]): Promise<string> =>
    docker([...words`exec ${node}`, ...parameters]);
  const stop = async (): Promise<void> => {
    await kind(words`delete cluster --name ${name} --kubeconfig ${kubeconfig}`);
    await rm(home, { recursive: true, force: true });
  };
  try {
    await kind([
      ...words`create cluster --name ${name} --config ${configuration}`,
      ...words`--kubeconfig ${kubeconfig} --wait 180s`,
    ]);
    await routeServices(node);
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  const kubectl = makeKubectl(binaries.kubectl, kubeconfig, home);
  const environment = { ...process.env, HOME: home, KUBECONFIG: kubeconfig };
  const answers = (): Promise<boolean> =>
    kubectl(words`get --raw /readyz --request-timeout=5s`).then(
      () => true,
      () => false,
    );
  const apiServerTo = async (from: string, to: string, up: boolean): Promise<void> => {
    await inNode(words`mv ${from} ${to}`);
    await awaitCondition(async () => (await answers()) === up, {
      that: `the API server ${up ? "answers" : "has ended"}`,
      limitMs,
      tell: () => inNode(words`crictl ps -a --name kube-apiserver`).catch(String),
    });
  };
  return {
    kubectl,
    helm: (parameters) => runProgram(binaries.helm, parameters, { limitMs: 300_000, environment }),
    kubeconfig,
    hostAddress: await networkOf(node, "Gateway"),
    loadImage: async (archive) => {
      await kind(words`load image-archive ${archive} --name ${name}`);
    },
    tagImage: async (image, as) => {
      await inNode(words`ctr --namespace k8s.io images tag --force ${image} ${as}`);
    },
    // kind's network plugin does so from the start.
    enforcePolicies: () => Promise.resolve(),
    stopApiServer: () => apiServerTo(manifest, aside, false),
    startApiServer: () => apiServerTo(aside, manifest, true),
    forgetVersions: () => forgetVersions(inNode),
    stop,
  };
}

/** Tests call Services at their addresses; on Linux Docker's nodes are one hop away. */
async function routeServices(node: string): Promise<void> {
  const gateway = await networkOf(node, "IPAddress");
  await runProgram("ip", words`route replace ${serviceRange} via ${gateway}`, { limitMs: 10_000 });
}

async function networkOf(node: string, field: "Gateway" | "IPAddress"): Promise<string> {
  const format = `{{range .NetworkSettings.Networks}}{{.${field}}}{{end}}`;
  return (await docker(["inspect", "--format", format, node])).trim();
}

/** By the etcdctl of the node's own etcd. */
async function forgetVersions(
  inNode: (parameters: readonly string[]) => Promise<string>,
): Promise<void> {
  const container = (await inNode(words`crictl ps --quiet --name etcd`)).trim();
  const keys = "/etc/kubernetes/pki/etcd";
  const etcdctl = (parameters: readonly string[]): Promise<string> =>
    inNode([
      ...words`crictl exec ${container} etcdctl --endpoints=https://127.0.0.1:2379`,
      ...words`--cacert=${keys}/ca.crt --cert=${keys}/server.crt --key=${keys}/server.key`,
      ...parameters,
    ]);
  const answer = await etcdctl(words`put switchyard/forgotten now --write-out=json`);
  const { header } = JSON.parse(answer) as { header: { revision: number } };
  await etcdctl(words`compact ${String(header.revision)} --physical`);
}
