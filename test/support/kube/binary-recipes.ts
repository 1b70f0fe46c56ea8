/** Of Kubernetes itself; the versions of the others stand in the go.mod files under tools/. */
export const kubernetesVersion = "v1.34.4";

interface Recipe {
  /** A folder of tools/: the Go module whose go.mod pins what is built. */
  module: string;
  /** The main package, as that module sees it. */
  package: string;
  /** Variables that the linker sets. */
  variables?: Readonly<Record<string, string>>;
  /** Build tags: what is left out of the program, or put in. */
  tags?: readonly string[];
}

const [major = "", minor = ""] = kubernetesVersion.replace("v", "").split(".");

// Without these a component calls itself v0.0.0, and clients refuse to speak to it.
const kubernetesVariables = {
  "k8s.io/component-base/version.gitVersion": kubernetesVersion,
  "k8s.io/component-base/version.gitMajor": major,
  "k8s.io/component-base/version.gitMinor": minor,
};

const kubernetes = (name: string): Recipe => ({
  module: "control-plane",
  package: `k8s.io/kubernetes/cmd/${name}`,
  variables: kubernetesVariables,
});

// Without the finders of targets in every cloud it is half as large, and built in half the time.
const prometheus = (name: string): Recipe => ({
  module: "prometheus",
  package: `github.com/prometheus/prometheus/cmd/${name}`,
  tags: ["remove_all_sd", "netgo"],
});

const recipes = {
  etcd: { module: "etcd", package: "go.etcd.io/etcd/server/v3" },
  "kube-apiserver": kubernetes("kube-apiserver"),
  "kube-controller-manager": kubernetes("kube-controller-manager"),
  kubectl: kubernetes("kubectl"),
  "kube-scheduler": kubernetes("kube-scheduler"),
  "kube-proxy": kubernetes("kube-proxy"),
  kubelet: kubernetes("kubelet"),
  helm: {
    module: "helm",
    package: "helm.sh/helm/v4/cmd/helm",
    variables: { "helm.sh/helm/v4/internal/version.version": "v4.3.1" },
  },
  coredns: { module: "coredns", package: "github.com/coredns/coredns" },
  "kube-network-policies": {
    module: "network-policies",
    package: "sigs.k8s.io/kube-network-policies/cmd",
  },
  pause: { module: "pause", package: "." },
  versitygw: { module: "object-store", package: "github.com/versity/versitygw/cmd/versitygw" },
  prometheus: prometheus("prometheus"),
  promtool: prometheus("promtool"),
  collector: { module: "collector", package: "." },
} as const satisfies Record<string, Recipe>;

export type BinaryName = keyof typeof recipes;

export const recipeOf = (name: BinaryName): Recipe => recipes[name];

/** What an API server without nodes needs. */
export const controlPlaneBinaries = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kubectl",
] as const satisfies readonly BinaryName[];

/** All there is. */
export const allBinaries = Object.keys(recipes) as readonly BinaryName[];

/** These only take what routers tell: they run beside a test, never in a cluster. */
const watchers: readonly string[] = ["prometheus", "collector"];

/** What a cluster that runs pods needs besides containerd, and the store that keeps its records. */
export const clusterBinaries: readonly BinaryName[] = allBinaries.filter(
  (name) => !watchers.includes(recipes[name].module),
);
