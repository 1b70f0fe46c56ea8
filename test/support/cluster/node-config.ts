import { join } from "node:path";
import { dnsServiceAddress, nodeAddress, nodeName, podRange } from "./addresses.ts";
import { runtimeSocket } from "./container-runtime.ts";
import { outsideService } from "./outside-service.ts";
import type { KeyPairFiles } from "../kube/certificates.ts";

interface NodeFiles {
  folder: string;
  /** A cgroup, the same below every controller. */
  cgroup: string;
  /** PEM file of the certificate authority. */
  authority: string;
  serving: KeyPairFiles;
}

/** The kubelet's configuration file. JSON is YAML. */
export const kubeletConfig = ({ folder, cgroup, authority, serving }: NodeFiles): string =>
  JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: nodeAddress,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authority },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: serving.certificate,
    tlsPrivateKeyFile: serving.key,
    containerRuntimeEndpoint: `unix://${runtimeSocket(folder)}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: cgroup,
    failSwapOn: false,
    clusterDNS: [dnsServiceAddress],
    clusterDomain: "cluster.local",
    resolvConf: join(folder, "resolv.conf"),
    podLogsDir: join(folder, "pod-logs"),
    nodeStatusUpdateFrequency: "5s",
    oomScoreAdj: 0,
    // The disk is the machine's, and what fills it is no business of the node.
    evictionHard: {
      "memory.available": "1Mi",
      "nodefs.available": "1Mi",
      "nodefs.inodesFree": "1",
      "imagefs.available": "1Mi",
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  });

/** kube-proxy's configuration file. */
export const proxyConfig = (kubeconfig: string): string =>
  JSON.stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    hostnameOverride: nodeName,
    clientConnection: { kubeconfig },
    clusterCIDR: podRange,
    // The machine's limits on connections are not ours to set.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    // Answers of a pod on the same bridge would otherwise go past the translation of addresses
    // where the kernel does not show bridged packets to iptables.
    iptables: { masqueradeAll: true, syncPeriod: "10s", minSyncPeriod: "100ms" },
    oomScoreAdj: 0,
  });

/** CoreDNS's: the cluster's names and no others. */
export const dnsConfig = (kubeconfig: string): string => `.:53 {
    bind ${nodeAddress}
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig ${kubeconfig}
    }
    cache 2
}
`;

/** The Service by which pods find CoreDNS, which runs beside them on the node. */
export const dnsService = (): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "List",
    items: outsideService({
      name: "kube-dns",
      address: nodeAddress,
      clusterIP: dnsServiceAddress,
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
      ],
    }),
  });
