import { Resolver } from "node:dns/promises";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callApi, type ClientConfig } from "../kube/client-config.ts";
import { GuardedProcesses, type GuardedProcess } from "../kube/guarded-processes.ts";
import { makeKubectl, type Kubectl } from "../kube/kubectl.ts";
import { nodeAddress, nodeName } from "./addresses.ts";
import { awaitCondition } from "./await-condition.ts";
import type { Cluster } from "./cluster.ts";
import type { NodeParts } from "./cluster-parts.ts";
import { configureRuntime, runtimeSocket } from "./container-runtime.ts";
import { writeCredentials } from "./credentials.ts";
import { forgetVersions } from "./forget-versions.ts";
import { setUpNetwork } from "./network.ts";
import { dnsConfig, dnsService, kubeletConfig, proxyConfig } from "./node-config.ts";
import { startPolicyAgent } from "./policy-agent.ts";
import { runProgram } from "./run-program.ts";
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  kubeletFlags,
  schedulerFlags,
  type Credentials,
} from "./server-flags.ts";
import { words } from "./words.ts";

const componentLimitMs = 90_000;

/** @throws Error naming the part that did not come up, with its last words */
export async function startCluster(parts: NodeParts): Promise<Cluster> {
  await setUpNetwork(parts.outerNetwork);
  const processes = await GuardedProcesses.open("cluster");
  try {
    const start = await StartingCluster.layOut(processes, parts);
    await start.controlPlane();
    await start.node();
    await start.services();
    return start.finished();
  } catch (error) {
    await processes.end();
    throw error;
  }
}

class StartingCluster {
  private readonly processes: GuardedProcesses;
  private readonly parts: NodeParts;
  private readonly credentials: Credentials;
  private readonly admin: ClientConfig;
  private readonly kubectl: Kubectl;
  private apiServer: GuardedProcess | undefined;

  private constructor(
    processes: GuardedProcesses,
    parts: NodeParts,
    credentials: Credentials,
    admin: ClientConfig,
  ) {
    this.processes = processes;
    this.parts = parts;
    this.credentials = credentials;
    this.admin = admin;
    this.kubectl = makeKubectl(parts.binaries.kubectl, credentials.admin, processes.folder);
  }

  static async layOut(processes: GuardedProcesses, parts: NodeParts): Promise<StartingCluster> {
    const { credentials, adminClient } = await writeCredentials(processes.folder);
    return new StartingCluster(processes, parts, credentials, adminClient);
  }

  async controlPlane(): Promise<void> {
    const { processes, parts, credentials } = this;
    const etcd = processes.start("etcd", parts.binaries.etcd, etcdFlags(processes.folder));
    await this.startApiServer();
    await etcd.assertRunning();
    for (const [name, flags] of [
      ["kube-controller-manager", controllerManagerFlags(credentials)],
      ["kube-scheduler", schedulerFlags(credentials)],
    ] as const) {
      await processes.start(name, parts.binaries[name], flags).assertRunning();
    }
  }

  async node(): Promise<void> {
    const { processes, parts, credentials } = this;
    const { folder } = processes;
    const runtimeConfig = await configureRuntime(folder);
    const files = {
      folder,
      cgroup: parts.cgroup,
      authority: credentials.authority.certificate,
      serving: credentials.kubelet,
    };
    await writeFile(join(folder, "kubelet.json"), kubeletConfig(files));
    await writeFile(join(folder, "resolv.conf"), "");
    // Whatever ends it ends all of the node: processes with their namespace, mounts with theirs.
    const isolated = words`--mount --pid --fork --kill-child=SIGKILL --mount-proc --`;
    const script = join(import.meta.dirname, "node.sh");
    const kubelet = [parts.binaries.kubelet, ...kubeletFlags(folder, credentials)];
    const node = processes.start("node", "unshare", [
      ...isolated,
      ...words`bash ${script} ${folder} ${runtimeConfig}`,
      ...kubelet,
    ]);
    await awaitCondition(() => isThere(this.kubectl, ["get", "node", nodeName]), {
      that: "the kubelet has made its node known",
      limitMs: componentLimitMs,
      unless: () => node.assertRunning(),
      tell: () => this.lastWords(["node", "containerd", "kubelet"]),
    });
    await this.loadImage(parts.images.pause);
  }

  async services(): Promise<void> {
    const { processes, parts, credentials } = this;
    const { folder } = processes;
    const [proxyFile, dnsFile] = [join(folder, "kube-proxy.json"), join(folder, "Corefile")];
    await writeFile(proxyFile, proxyConfig(credentials.admin));
    await writeFile(dnsFile, dnsConfig(credentials.admin));
    await this.kubectl(["apply", "-f", "-"], dnsService());
    const started = [
      processes.start("kube-proxy", parts.binaries["kube-proxy"], [`--config=${proxyFile}`]),
      processes.start("coredns", parts.binaries.coredns, ["-conf", dnsFile]),
    ];
    await awaitCondition(answersNames, {
      that: "CoreDNS answers",
      limitMs: componentLimitMs,
      unless: async () => {
        for (const process of started) await process.assertRunning();
      },
      tell: () => this.lastWords(["coredns", "kube-proxy"]),
    });
    await this.kubectl(["wait", "--for=condition=Ready", `node/${nodeName}`, "--timeout=90s"]);
  }

  finished(): Cluster {
    const { binaries } = this.parts;
    const { admin: kubeconfig } = this.credentials;
    const home = { ...process.env, HOME: this.processes.folder, KUBECONFIG: kubeconfig };
    return {
      kubectl: this.kubectl,
      helm: (parameters) =>
        runProgram(binaries.helm, parameters, { limitMs: 300_000, environment: home }),
      kubeconfig,
      hostAddress: nodeAddress,
      loadImage: (archive) => this.loadImage(archive),
      tagImage: async (image, name) => {
        await this.runtime(["images", "tag", "--force", image, name]);
      },
      enforcePolicies: () => this.enforcePolicies(),
      stopApiServer: () => this.stopApiServer(),
      startApiServer: () => this.startApiServer(),
      forgetVersions,
      stop: () => this.processes.end(),
    };
  }

  private async startApiServer(): Promise<void> {
    const { processes, parts, credentials } = this;
    const program = parts.binaries["kube-apiserver"];
    const started = processes.start("kube-apiserver", program, apiServerFlags(credentials));
    this.apiServer = started;
    await awaitCondition(() => isServing(this.admin), {
      that: "the API server is ready",
      limitMs: componentLimitMs,
      unless: () => started.assertRunning(),
      tell: () => this.lastWords(["etcd", "kube-apiserver"]),
    });
  }

  private async stopApiServer(): Promise<void> {
    await this.apiServer?.kill();
    this.apiServer = undefined;
  }

  private async enforcePolicies(): Promise<void> {
    const { processes, parts, kubectl, credentials } = this;
    const agent = await startPolicyAgent({
      processes,
      kubectl,
      binary: parts.binaries["kube-network-policies"],
      authority: credentials.authority.certificate,
    });
    await awaitCondition(() => answersAt("http://127.0.0.1:9080/metrics"), {
      that: "the policy agent is there",
      limitMs: componentLimitMs,
      unless: () => agent.assertRunning(),
      tell: () => this.lastWords(["policy-agent"]),
    });
  }

  private async loadImage(archive: string): Promise<void> {
    await this.runtime(["images", "import", archive]);
  }

  private runtime(parameters: readonly string[]): Promise<string> {
    const socket = runtimeSocket(this.processes.folder);
    return runProgram("ctr", ["--address", socket, "--namespace", "k8s.io", ...parameters], {
      limitMs: 120_000,
    });
  }

  private async lastWords(names: readonly string[]): Promise<string> {
    const files = names.map((name) => join(this.processes.folder, `${name}.log`));
    return runProgram("tail", ["-n", "12", ...files], { limitMs: 5_000 }).catch(String);
  }
}

const isThere = (kubectl: Kubectl, parameters: readonly string[]): Promise<boolean> =>
  kubectl(parameters).then(
    () => true,
    () => false,
  );

// It says that it is ready up to half a second before the namespace "default" is there.
async function isServing(admin: ClientConfig): Promise<boolean> {
  for (const path of ["/readyz", "/api/v1/namespaces/default"]) {
    const reply = await callApi(admin, { method: "GET", path }).catch(() => undefined);
    if (reply?.status !== 200) return false;
  }
  return true;
}

const answersAt = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

async function answersNames(): Promise<boolean> {
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([nodeAddress]);
  const found = await resolver.resolve4("kubernetes.default.svc.cluster.local").catch(() => []);
  return found.length > 0;
}
