import type { V1Container, V1PodSpec, V1SecurityContext } from "@kubernetes/client-node";

export type RestrictedPod = V1PodSpec;

/**
 * What a pod breaks of Kubernetes' Pod Security Standard "restricted" (which holds "baseline"), rule by
 * rule as https://kubernetes.io/docs/concepts/security/pod-security-standards/ states them for Linux; and
 * beyond them, that nothing writes to a container's own file system.
 */
export function podSecurityProblems(spec: RestrictedPod): string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return [
    ...podRules.flatMap((rule) => rule(spec) ?? []),
    ...containers.flatMap((container) =>
      containerRules.flatMap((rule) => {
        const violation = rule(container, spec);
        return violation === undefined ? [] : `${container.name}: ${violation}`;
      }),
    ),
  ];
}

type PodRule = (spec: V1PodSpec) => string | undefined;
type ContainerRule = (container: V1Container, spec: V1PodSpec) => string | undefined;

const volumeTypes = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

const safeSysctls = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
]);

const podRules: readonly PodRule[] = [
  function hostNamespaces({ hostNetwork, hostPID, hostIPC }) {
    return hostNetwork || hostPID || hostIPC ? "a namespace of the host" : undefined;
  },
  function volumes({ volumes: list = [] }) {
    const wrong = list.filter((volume) =>
      Object.keys(volume).some((member) => member !== "name" && !volumeTypes.has(member)),
    );
    return wrong.length === 0 ? undefined : `volume ${wrong.map(({ name }) => name).join()}`;
  },
  function sysctls({ securityContext }) {
    const wrong = (securityContext?.sysctls ?? []).filter(({ name }) => !safeSysctls.has(name));
    return wrong.length === 0 ? undefined : `sysctl ${wrong.map(({ name }) => name).join()}`;
  },
];

type Shared = Pick<V1SecurityContext, "runAsNonRoot" | "runAsUser" | "seccompProfile">;

/** What a container says wins over what its pod says. */
function effective(container: V1Container, spec: V1PodSpec): Shared {
  const own: Shared = container.securityContext ?? {};
  return { ...(spec.securityContext as Shared | undefined), ...own };
}

const containerRules: readonly ContainerRule[] = [
  ({ securityContext }) =>
    securityContext?.readOnlyRootFilesystem === true ? undefined : "writes to its file system",
  ({ securityContext }) => (securityContext?.privileged ? "privileged" : undefined),
  ({ securityContext }) =>
    securityContext?.allowPrivilegeEscalation === false ? undefined : "privilege escalation",
  ({ securityContext }) =>
    securityContext?.capabilities?.drop?.includes("ALL") ? undefined : "capabilities are kept",
  ({ securityContext }) =>
    (securityContext?.capabilities?.add ?? []).every((name) => name === "NET_BIND_SERVICE")
      ? undefined
      : "capabilities are added",
  ({ securityContext }) =>
    ["Default", undefined].includes(securityContext?.procMount) ? undefined : "procMount",
  ({ securityContext }) =>
    securityContext?.windowsOptions?.hostProcess ? "a process of the host" : undefined,
  ({ ports = [] }) => (ports.some(({ hostPort = 0 }) => hostPort !== 0) ? "hostPort" : undefined),
  ({ livenessProbe, readinessProbe, startupProbe, lifecycle }) =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.preStop, lifecycle?.postStart].some(
      (handler) => handler?.httpGet?.host || handler?.tcpSocket?.host,
    )
      ? "a probe or hook names a host"
      : undefined,
  (container, spec) =>
    effective(container, spec).runAsNonRoot === true ? undefined : "may run as root",
  (container, spec) => (effective(container, spec).runAsUser === 0 ? "runs as root" : undefined),
  (container, spec) =>
    ["RuntimeDefault", "Localhost"].includes(
      effective(container, spec).seccompProfile?.type ?? "Unconfined",
    )
      ? undefined
      : "seccomp is unconfined",
];
