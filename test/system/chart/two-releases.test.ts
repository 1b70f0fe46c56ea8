import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
import { applyObject, connect, resourceTypes, type Connection } from "../../../src/kube/index.ts";
import { seededRandom, systemClock } from "../../../src/lib/index.ts";
import {
  operatorConfig,
  startOperator,
  type RunningOperator,
} from "../../../src/operator/index.ts";
import { makeLog } from "../../../src/telemetry/index.ts";
import { chartFolder, useHelm, type Rendered } from "../../support/helm.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { specs } from "../operator/sample-specs.ts";

// The worst there is: one namespace for both releases, which lie in what one of them watches.
const system = "models-one";
const releases = [
  { name: "switchyard", watches: "models-one", crds: true },
  { name: "switchyard-two", watches: "models-two", crds: false },
] as const;

const controlPlane = useControlPlane({}, async ({ kubectl }) => {
  for (const { watches } of releases) await kubectl(["create", "namespace", watches]);
});
const helm = useHelm();

const said: string[] = [];
const operators: RunningOperator[] = [];
const connections: Connection[] = [];
afterAll(async () => {
  await Promise.all(operators.map((operator) => operator.stop()));
  await Promise.all(connections.map((connection) => connection.close()));
});

type Release = (typeof releases)[number];

const install = ({ name, watches, crds }: Omit<Release, "crds"> & { crds: boolean }) =>
  helm().run(
    ["install", name, chartFolder, "-n", system, "--kubeconfig", controlPlane().kubeconfig],
    {
      image: { repository: "registry.example/switchyard" },
      watchNamespace: watches,
      crds: { install: crds },
    },
  );

async function tokenOf(account: string, namespace: string): Promise<string> {
  return (await controlPlane().kubectl(["-n", namespace, "create", "token", account])).trim();
}

function connectWith(token: string): Connection {
  const { url, ca } = controlPlane();
  const authorize = () => Promise.resolve({ authorization: `Bearer ${token}` });
  const connection = connect({ server: url, tls: { ca: Buffer.from(ca) }, authorize });
  connections.push(connection);
  return connection;
}

/** Runs what the release's Deployment would, with the rights and the configuration of the release. */
async function lead({ name }: Release): Promise<RunningOperator> {
  const account = `${name}-operator`;
  const command = ["-n", system, "get", "configmap", account, "-o", "json"];
  const { data } = JSON.parse(await controlPlane().kubectl(command)) as Rendered & {
    data: Record<string, string>;
  };
  const operator = await startOperator({
    connection: connectWith(await tokenOf(account, system)),
    config: operatorConfig.parse(parse(data["config.yaml"] ?? "")),
    namespace: system,
    identity: `${account}-0`,
    clock: systemClock,
    random: seededRandom(3),
    log: makeLog({ level: "warn", output: { write: (line: string) => said.push(line) } }),
  });
  operators.push(operator);
  return operator;
}

async function programs({ watches: namespace }: Release): Promise<boolean> {
  const pointer = ["-n", namespace, "get", "configmap", "switchyard-default-table", "-o", "name"];
  return controlPlane()
    .kubectl(pointer)
    .then(Boolean, () => false);
}

it("a second release that would install the CRDs too is told which one keeps them", async () => {
  await install(releases[0]);
  const wait = ["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"];
  await controlPlane().kubectl(wait);
  await expect(install({ ...releases[1], crds: true })).rejects.toThrow(
    /release switchyard in namespace models-one keeps the CRD .*: set crds\.install=false here/,
  );
});

it("both releases lead at the same time, and each programs its own namespace", async () => {
  await install(releases[1]);
  for (const { watches: namespace } of releases) {
    for (const kind of ["ModelBackend", "ModelRoute"] as const) {
      const name = kind === "ModelBackend" ? "nova" : "chat";
      const metadata = { name, namespace };
      const object = {
        apiVersion: "switchyard.dev/v1alpha1",
        kind,
        metadata,
        spec: specs[kind](name),
      };
      await controlPlane().kubectl(["apply", "-f", "-"], JSON.stringify(object));
    }
  }
  const [one, two] = [await lead(releases[0]), await lead(releases[1])];
  await expect
    .poll(() => [one.isLeading(), two.isLeading()], { timeout: 30_000 })
    .toEqual([true, true]);
  for (const release of releases)
    await expect.poll(() => programs(release), { timeout: 30_000 }).toBe(true);
  const leases = [
    "get",
    "leases",
    "-A",
    "-l",
    "app.kubernetes.io/component=operator",
    "-o",
    "name",
  ];
  expect((await controlPlane().kubectl(leases)).trim().split("\n").toSorted()).toEqual([
    `lease.coordination.k8s.io/switchyard-operator.${system}`,
    `lease.coordination.k8s.io/switchyard-two-operator.${system}`,
  ]);
  expect(said.filter((line) => /forbidden|Renewing/i.test(line))).toEqual([]);
});

it("the policies still hold the routers of each to the Leases of their own pods", async () => {
  for (const { watches: namespace } of releases) {
    await expect
      .poll(() => controlPlane().kubectl(["-n", namespace, "get", "sa", "switchyard-default"]), {
        timeout: 30_000,
      })
      .toContain("switchyard-default");
    const router = connectWith(await tokenOf("switchyard-default", namespace));
    for (const { name } of releases) {
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: `${name}-operator.${system}`, namespace },
        spec: { holderIdentity: "a router" },
      };
      const how = { connection: router, type: resourceTypes.Lease, fieldManager: "router" };
      await expect
        .poll(() => applyObject(lease, how).then(String, String), { timeout: 10_000 })
        .toMatch(/A router writes its Lease with the token of its pod|may not write Lease/);
    }
  }
});
