import type { V1EnvFromSource, V1EnvVar } from "@kubernetes/client-node";
import type { GroupContext } from "../group.ts";
import { quantityNanos } from "../quantity.ts";
import { storeVariables } from "./limit-store.ts";
import { prometheusVariables } from "./prometheus.ts";
import { recordVariables } from "./record-bucket.ts";
import { routerPaths } from "./router-paths.ts";
import { routerPorts } from "./router-ports.ts";

/**
 * A router's variables. What tells a router who and where it is cannot be overridden by a class:
 * probes, Services and acknowledgements count on it. Everything else a class sets as it likes.
 */
export function routerEnvironment(group: GroupContext): V1EnvVar[] {
  const fixed = fixedVariables(group);
  const reserved = new Set(fixed.map(({ name }) => name));
  const chosen = { ...defaults, ...nodeOptions(group), ...group.config.env };
  const free = Object.entries(chosen)
    .filter(([name]) => !reserved.has(name))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
  // The fixed ones first: $(POD_NAME) is known only to variables that stand after it.
  return [...fixed, ...free];
}

const defaults = {
  OTEL_RESOURCE_ATTRIBUTES:
    "k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME),k8s.pod.uid=$(POD_UID)",
};

/** Of the memory's limit; the rest is for what is no JavaScript object: code, connections, bodies under way. */
const heapPercent = 62n;

/**
 * Those of the image, with a heap that suits the class's limit. The bound is also what V8 goes by for how much
 * garbage it lets lie: under one of gigabytes a router holds tens of MB more, and is no quicker for it.
 */
function nodeOptions({ config }: GroupContext): { NODE_OPTIONS?: string } {
  const limit = quantityNanos(config.resources.limits.memory ?? "");
  if (limit === undefined) return {};
  const heapMib = ((limit / 1_000_000_000n) * heapPercent) / 100n / 1_048_576n;
  return {
    NODE_OPTIONS: `--max-semi-space-size=8 --expose-gc --max-old-space-size=${heapMib > 64n ? heapMib : 64n}`,
  };
}

function fixedVariables(group: GroupContext): V1EnvVar[] {
  return [
    fromPod("POD_NAME", "metadata.name"),
    fromPod("POD_NAMESPACE", "metadata.namespace"),
    fromPod("POD_UID", "metadata.uid"),
    { name: "SWITCHYARD_ROUTER_CLASS", value: group.routerClass },
    { name: "SWITCHYARD_PORT", value: String(routerPorts.api) },
    { name: "SWITCHYARD_ADMIN_PORT", value: String(routerPorts.admin) },
    { name: "SWITCHYARD_TABLE_DIR", value: routerPaths.table },
    { name: "SWITCHYARD_DRAIN_MS", value: String(group.config.drainSeconds * 1_000) },
    // Empty counts as unset: a class's ConfigMap cannot turn TLS on by halves.
    {
      name: "SWITCHYARD_TLS_DIR",
      value: group.config.tlsSecret === undefined ? "" : routerPaths.tls,
    },
    ...storeVariables(group.config.limits),
    ...recordVariables(group.config.records),
    ...(group.config.records.emf ? [{ name: "SWITCHYARD_EMF", value: "true" }] : []),
    ...prometheusVariables(group.config.prometheus),
  ];
}

/** A variable with what the pod itself is. */
export const fromPod = (name: string, fieldPath: string): V1EnvVar => ({
  name,
  valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } },
});

/** Secrets and ConfigMaps whose keys become variables, those that the class's own `env` does not name. */
export function environmentSources({ config }: Pick<GroupContext, "config">): V1EnvFromSource[] {
  return config.envFrom.flatMap(({ secret, configMap }) => [
    ...(secret === undefined ? [] : [{ secretRef: { name: secret } }]),
    ...(configMap === undefined ? [] : [{ configMapRef: { name: configMap } }]),
  ]);
}
