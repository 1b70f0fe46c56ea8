import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { connect, type Connection, type KubeCall } from "../../../src/kube/index.ts";
import { seededRandom, systemClock } from "../../../src/lib/index.ts";
import {
  operatorConfig,
  startOperator,
  type RunningOperator,
} from "../../../src/operator/index.ts";
import { makeLog } from "../../../src/telemetry/index.ts";
import { chartFolder, useHelm, type Rendered, type Values } from "../../support/helm.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { permissions, type PolicyRule } from "../../support/policy-rules.ts";
import { permissionsOf } from "./call-permissions.ts";

const system = "switchyard-system";
const examples = resolve(import.meta.dirname, "../../../examples/kubernetes");

const controlPlane = useControlPlane({}, async ({ kubectl }) => {
  await kubectl(["create", "namespace", system]);
  await kubectl(["create", "namespace", "models"]);
});
const helm = useHelm();

/** By class: with an autoscaler, jobs for plans and drift, and NetworkPolicies, and then without any of them. */
const ours = { endpointHosts: ["simulators.models.svc"], allowLoopbackEndpoints: true };
const usual = { ...ours, plan: { enabled: true }, records: { s3: { bucket: "records" } } };
const bare = {
  ...ours,
  replicas: { min: 2, max: 2 },
  networkPolicy: { enabled: false },
};

const valuesWith = (watchNamespace: string, more: object): Values => ({
  image: { repository: "registry.example/switchyard" },
  watchNamespace,
  classes: { default: more },
});

/** Held for others, or for what does not happen here; and why. */
const inReserve: Readonly<Record<string, string>> = {
  "create coordination.k8s.io/leases": "routers make their own: the operator grants what it holds",
  "patch coordination.k8s.io/leases": "and renew them",
  "get events.k8s.io/events": "an Event that repeats is read, to count it up",
  "patch events.k8s.io/events": "and written",
};

/** Where a server does not stream listings, the reflector lists. */
const isInReserve = (permission: string): boolean =>
  permission.startsWith("list ") || Object.hasOwn(inReserve, permission);

/** The drift job reaches routers through a Service of theirs where it has a golden set to ask. */
const watched = { spec: { drift: { goldenSet: { configMap: { name: "exam" } } } } };

class Trial {
  readonly used = new Set<string>();
  readonly said: string[] = [];
  #running: { operator: RunningOperator; connection: Connection } | undefined;

  async start(): Promise<void> {
    const { kubectl, url, ca } = controlPlane();
    const token = await kubectl(["-n", system, "create", "token", "switchyard-operator"]);
    const listen = (call: KubeCall): void => {
      for (const permission of permissionsOf(call)) this.used.add(permission);
    };
    const authorize = () => Promise.resolve({ authorization: `Bearer ${token.trim()}` });
    const connection = connect({ server: url, tls: { ca }, authorize }, listen);
    const operator = await startOperator({
      connection,
      config: operatorConfig.parse(await configFile()),
      namespace: system,
      identity: "switchyard-operator-0",
      clock: systemClock,
      random: seededRandom(1),
      log: makeLog({ level: "warn", output: { write: (line: string) => this.said.push(line) } }),
    });
    this.#running = { operator, connection };
    await expect.poll(() => operator.isLeading(), { timeout: 30_000 }).toBe(true);
  }

  async stop(): Promise<void> {
    await this.#running?.operator.stop();
    await this.#running?.connection.close();
    this.#running = undefined;
  }
}

async function configFile(): Promise<unknown> {
  const command = ["-n", system, "get", "configmap", "switchyard-operator", "-o", "json"];
  const { data } = JSON.parse(await controlPlane().kubectl(command)) as Rendered & {
    data: Record<string, string>;
  };
  return parse(data["config.yaml"] ?? "");
}

async function namesOf(kinds: string): Promise<string[]> {
  const command = ["-n", "models", "get", kinds, "-o", "name", "-l"];
  const label = "app.kubernetes.io/managed-by=switchyard";
  return (await controlPlane().kubectl([...command, label])).split("\n").filter(Boolean);
}

const objects = "deployment,service,hpa,networkpolicy,cronjob,role";

/** Without the names of those objects that a role names. */
function heldBy(rendered: readonly Rendered[]): string[] {
  const rules = rendered
    .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
    .flatMap((role) => role["rules"] as PolicyRule[]);
  return permissions(rules).map((permission) => permission.split(" ").slice(0, 2).join(" "));
}

describe.each([
  ["every namespace", ""],
  ["one namespace", "models"],
])("the rights of an operator for %s", (_, watchNamespace) => {
  let trial: Trial | undefined;

  // The next operator begins afresh; nobody collects what an anchor owned.
  afterEach(async () => {
    if (trial === undefined) return;
    await trial.stop();
    const { kubectl, kubeconfig } = controlPlane();
    const kinds = "modelbackend,tenantpolicy,all,cm,hpa,netpol,pdb,role,rolebinding,sa";
    await kubectl(["-n", "models", "delete", kinds, "--all"]);
    await helm().run(["uninstall", "switchyard", "-n", system, "--kubeconfig", kubeconfig]);
  });

  const release = (act: string, more: object): Promise<string> => {
    const place = ["-n", system, "--kubeconfig", controlPlane().kubeconfig];
    return helm().run([act, "switchyard", chartFolder, ...place], valuesWith(watchNamespace, more));
  };

  it("are what it uses in the life of a group, no more and no less", async () => {
    const { kubectl } = controlPlane();
    const { used, said } = (trial = new Trial());
    await release("install", usual);
    await kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
    for (const file of ["backends", "routes", "tenants"]) {
      await kubectl(["apply", "-f", join(examples, `${file}.yaml`)]);
    }
    const route = ["-n", "models", "patch", "modelroute", "assistant"];
    await kubectl([...route, "--type=merge", "-p", JSON.stringify(watched)]);
    await trial.start();
    await expect.poll(() => namesOf(objects), { timeout: 30_000 }).toHaveLength(12);
    await expect
      .poll(() => namesOf("configmap"), { timeout: 30_000 })
      .toContain("configmap/switchyard-default-table");
    const invalid =
      '[{"op": "replace", "path": "/spec/candidates/0/backend/name", "value": "none"}]';
    await kubectl([...route, "--type=json", "-p", invalid]);
    const refs = ["-n", "models", "wait", "--for=condition=ResolvedRefs=False", "--timeout=30s"];
    await kubectl([...refs, "modelroute/assistant"]);

    await trial.stop();
    await release("upgrade", bare);
    await trial.start();
    await expect.poll(() => namesOf(objects), { timeout: 30_000 }).toHaveLength(3);
    await kubectl(["-n", "models", "delete", "modelroute", "--all"]);
    await expect
      .poll(() => namesOf("configmap"), { timeout: 30_000 })
      .not.toContain("configmap/switchyard-default");
    await trial.stop();

    const held = heldBy(await helm().render(valuesWith(watchNamespace, bare)));
    expect(said.filter((line) => /Forbidden|forbidden/.test(line))).toEqual([]);
    expect([...used].filter((permission) => !held.includes(permission))).toEqual([]);
    const idle = held.filter((permission) => !used.has(permission));
    expect(idle.filter((permission) => !isInReserve(permission))).toEqual([]);
  });
});
