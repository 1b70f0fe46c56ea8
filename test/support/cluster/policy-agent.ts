import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GuardedProcess, GuardedProcesses } from "../kube/guarded-processes.ts";
import type { Kubectl } from "../kube/kubectl.ts";
import { apiPort, nodeAddress, nodeName, podRange } from "./addresses.ts";
import { runProgram } from "./run-program.ts";
import { words } from "./words.ts";

const account = "policy-agent";
/** Of the kernel, where packets wait for the agent. */
const queue = 100;

interface AgentParts {
  processes: GuardedProcesses;
  kubectl: Kubectl;
  /** kube-network-policies. */
  binary: string;
  /** PEM file of the certificate authority. */
  authority: string;
}

/**
 * Starts what makes NetworkPolicies act: the bridge plugin of the pods' network does not. From then on
 * the first packet of each connection from or to a pod that a policy chooses waits for the agent's word.
 */
export async function startPolicyAgent(parts: AgentParts): Promise<GuardedProcess> {
  const { processes, kubectl, binary, authority } = parts;
  await divertPods();
  // Pods share a bridge: without this their packets never come by where the agent looks.
  await writeFile("/proc/sys/net/bridge/bridge-nf-call-iptables", "1");
  await kubectl(["apply", "-f", "-"], rights());
  const folder = join(processes.folder, account);
  await mkdir(folder);
  const token = words`-n kube-system create token ${account} --duration=24h`;
  await writeFile(join(folder, "token"), (await kubectl(token)).trim());
  await copyFile(authority, join(folder, "ca.crt"));
  const script = join(import.meta.dirname, "policy-agent.sh");
  const place = [
    `KUBERNETES_SERVICE_HOST=${nodeAddress}`,
    `KUBERNETES_SERVICE_PORT=${String(apiPort)}`,
  ];
  const flags = words`--hostname-override=${nodeName} --metrics-bind-address=127.0.0.1:9080 --disable-nri --nfqueue-id=${String(queue)} --netfilter-bug-1766-fix=false`;
  return processes.start(account, "env", [
    ...place,
    ...words`unshare --mount -- bash ${script} ${folder} ${binary}`,
    ...flags,
  ]);
}

/**
 * Has the agent asked of pods' first packets. It would do so itself by nftables' `queue`, which is not in
 * every kernel; iptables' NFQUEUE is, and where both are the agent only says the same twice.
 */
async function divertPods(): Promise<void> {
  const toAgent = words`-j NFQUEUE --queue-num ${String(queue)}`;
  for (const rule of [
    words`-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`,
    // The kubelet's probes, which policies let through.
    words`-m owner --uid-owner 0 -j ACCEPT`,
    [...words`-s ${podRange}`, ...toAgent],
    [...words`-d ${podRange}`, ...toAgent],
  ])
    await runProgram("iptables", [...words`-t mangle -A POSTROUTING`, ...rule], {
      limitMs: 20_000,
    });
}

const rights = (): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "List",
    items: [
      {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: account, namespace: "kube-system" },
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: account },
        rules: [
          { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["list", "watch"] },
          {
            apiGroups: ["networking.k8s.io"],
            resources: ["networkpolicies"],
            verbs: ["list", "watch"],
          },
        ],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: account },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: account },
        subjects: [{ kind: "ServiceAccount", name: account, namespace: "kube-system" }],
      },
    ],
  });
