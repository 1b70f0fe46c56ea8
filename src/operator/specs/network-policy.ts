import type { V1NetworkPolicyPort } from "@kubernetes/client-node";
import { apiVersionOf, resourceTypes, type KubeObject } from "../../kube/index.ts";
import {
  asksGoldenSets,
  componentSelector,
  groupMetadata,
  routerSelector,
  type Component,
  type GroupContext,
} from "../group.ts";
import type { ClassConfig } from "../operator-config.ts";
import { clickhousePorts } from "./clickhouse.ts";
import type { Job } from "./job.ts";
import { storePorts } from "./limit-store.ts";
import { prometheusPorts } from "./prometheus.ts";
import { recordPorts } from "./record-bucket.ts";
import { routerPorts } from "./router-ports.ts";

/** The client library renames `from`; the API does not. */
interface Rule {
  from?: object[];
  to?: object[];
  ports: V1NetworkPolicyPort[];
}

/** Where EKS gives pods the credentials of their role. */
const podIdentityAgents = ["169.254.170.23/32", "fd00:ec2::23/128"];

/** Denies routers and their callers everything but what is named here. */
export function buildNetworkPolicy(group: GroupContext): KubeObject {
  const spec = {
    podSelector: { matchLabels: routerSelector(group) },
    policyTypes: ["Ingress", "Egress"],
    ingress: [...clients(group), ...admins(group)],
    egress: [dns, podIdentity, ...stores(group), ...reachable(group)],
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.NetworkPolicy),
    kind: "NetworkPolicy",
    metadata: groupMetadata(group),
    spec,
  };
}

/** The same for a job, which nobody calls. */
export function buildJobNetworkPolicy(
  group: GroupContext,
  { name, component }: Pick<Job, "name" | "component">,
): KubeObject {
  const isDrift = component === "drift";
  const figures = isDrift ? figurePorts(group.config) : [];
  const ports = [...new Set([...recordPorts(group.config.records), ...figures])];
  const spec = {
    podSelector: { matchLabels: componentSelector(group, component) },
    // Without rules for what comes in, nothing does; an empty list the API server would not keep.
    policyTypes: ["Ingress", "Egress"],
    egress: [
      dns,
      podIdentity,
      ...(ports.length === 0 ? [] : [{ ports: ports.map(tcp) }]),
      ...(isDrift && asksGoldenSets(group) ? [routersOf(group)] : []),
      ...reachable(group),
    ],
  };
  return {
    apiVersion: apiVersionOf(resourceTypes.NetworkPolicy),
    kind: "NetworkPolicy",
    metadata: groupMetadata(group, name, component),
    spec,
  };
}

const figurePorts = ({ prometheus, clickhouse }: ClassConfig): number[] =>
  clickhouse.url === undefined ? prometheusPorts(prometheus) : clickhousePorts(clickhouse);

const podsOf = (group: GroupContext, component: Component): object[] => [
  { podSelector: { matchLabels: componentSelector(group, component) } },
];

const routersOf = (group: GroupContext): Rule => ({
  to: podsOf(group, "router"),
  ports: [tcp(routerPorts.admin)],
});

const tcp = (port: number): V1NetworkPolicyPort => ({ port, protocol: "TCP" });

const namespaces = (names: readonly string[]): object[] => [
  {
    namespaceSelector: {
      matchExpressions: [
        { key: "kubernetes.io/metadata.name", operator: "In", values: [...names] },
      ],
    },
  },
];

function clients({ config }: GroupContext): Rule[] {
  const { clientNamespaces } = config.networkPolicy;
  const ports = [tcp(routerPorts.api)];
  return [
    clientNamespaces.length === 0 ? { ports } : { from: namespaces(clientNamespaces), ports },
  ];
}

/** Probes come from the pod's own node, which policies let through. */
function admins(group: GroupContext): Rule[] {
  const { config, operator } = group;
  const own = operator.namespace === undefined ? [] : [operator.namespace];
  const allowed = [...new Set([...own, ...config.networkPolicy.adminNamespaces])];
  const from = [
    ...(allowed.length === 0 ? [] : namespaces(allowed)),
    // It has routers answer golden sets.
    ...(asksGoldenSets(group) ? podsOf(group, "drift") : []),
  ];
  return from.length === 0 ? [] : [{ from, ports: [tcp(routerPorts.admin)] }];
}

// To any address: resolvers on the node and of other clusters' making have no labels in common.
const dns: Rule = {
  ports: [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ],
};

const podIdentity: Rule = {
  to: podIdentityAgents.map((cidr) => ({ ipBlock: { cidr } })),
  ports: [tcp(80)],
};

/** Where budgets are counted, records kept, and metrics asked for. */
function stores({ config }: GroupContext): Rule[] {
  const ports = [
    ...new Set([
      ...storePorts(config.limits),
      ...recordPorts(config.records),
      ...prometheusPorts(config.prometheus),
    ]),
  ];
  return ports.length === 0 ? [] : [{ ports: ports.map(tcp) }];
}

// A rule without ports would allow them all.
function reachable({ config }: GroupContext): Rule[] {
  const { apiServer, egress } = config.networkPolicy;
  return [...apiServer, ...egress]
    .filter(({ ports }) => ports.length > 0)
    .map(({ cidr, ports }) => ({ to: [{ ipBlock: { cidr } }], ports: ports.map(tcp) }));
}
