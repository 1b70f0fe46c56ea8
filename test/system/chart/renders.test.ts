import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { operatorConfig } from "../../../src/operator/index.ts";
import { buildDriftRole } from "../../../src/operator/specs/drift-job.ts";
import { buildPlanRole } from "../../../src/operator/specs/plan-job.ts";
import { buildRole } from "../../../src/operator/specs/role.ts";
import { examples } from "../../support/examples.ts";
import {
  chartFolder,
  readObjects,
  theOne,
  useHelm,
  type Rendered,
  type Values,
} from "../../support/helm.ts";
import { podSecurityProblems, type RestrictedPod } from "../../support/pod-security.ts";
import { excess, permissions, type PolicyRule } from "../../support/policy-rules.ts";
import { makeGroup } from "../../unit/operator/specs/group-case.ts";

const root = resolve(import.meta.dirname, "../../..");
const helm = useHelm();

const image = { repository: "registry.example/switchyard" };
const gold = {
  replicas: { min: 3, max: 3 },
  tlsSecret: "router-tls",
  endpointHosts: ["*.example.com"],
  roleArns: ["arn:aws:iam::111122223333:role/models-*"],
  env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.monitoring.svc:4318", YES: "yes" },
  envFrom: [{ secret: "cloud" }, { configMap: "more" }],
  tolerations: [{ key: "gpu", operator: "Exists", tolerationSeconds: 1_000_000 }],
  networkPolicy: { adminNamespaces: ["monitoring"], egress: [] },
};

const cases: Readonly<Record<string, Values>> = {
  "the least": { image },
  "one namespace": { image, watchNamespace: "models" },
  "another class": { image, classes: { gold } },
  "no default class": { image, classes: { default: null, gold } },
  "no class at all": { image, classes: { default: null } },
  "an image by its digest": {
    image: { ...image, digest: `sha256:${"0a".repeat(32)}` },
    imagePullSecrets: [{ name: "registry" }],
  },
  everything: {
    image: { ...image, tag: "1.0", pullPolicy: "Always" },
    watchNamespace: "models",
    operator: {
      replicas: 1,
      logLevel: "debug",
      env: { NODE_OPTIONS: "--max-old-space-size=200", TRUTH: "true" },
      podLabels: { team: "platform", "app.kubernetes.io/name": "not this" },
      podAnnotations: { note: "on" },
      nodeSelector: { "kubernetes.io/os": "linux" },
      tolerations: [{ operator: "Exists" }],
      priorityClassName: "system-cluster-critical",
      networkPolicy: {
        adminNamespaces: ["monitoring"],
        egress: [{ cidr: "10.0.0.0/8", ports: [4318] }],
      },
    },
    serviceAccount: { annotations: { note: "1" } },
    monitoring: {
      labels: { release: "prometheus" },
      operator: { podMonitor: true, serviceMonitor: true },
      routers: { podMonitor: true },
    },
  },
  "nothing that can be left out": {
    image,
    crds: { install: false },
    rbac: { create: false },
    serviceAccount: { create: false },
    operator: { networkPolicy: { enabled: false }, podDisruptionBudget: { enabled: false } },
    admissionPolicy: { enabled: false },
  },
  ...Object.fromEntries(
    examples.map(({ values }) => [
      values,
      parse(readFileSync(resolve(root, values), "utf8")) as Values,
    ]),
  ),
};

const configOf = (objects: readonly Rendered[]) => {
  const data = theOne(objects, "ConfigMap")["data"] as Record<string, string>;
  return operatorConfig.parse(parse(data["config.yaml"] ?? ""));
};

const templateOf = (objects: readonly Rendered[]) =>
  (theOne(objects, "Deployment")["spec"] as { template: PodTemplate }).template;

interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: RestrictedPod & {
    containers: { image: string; env: { name: string; value?: string }[] }[];
    enableServiceLinks: boolean;
    serviceAccountName: string;
  };
}

/** Rules of every Role, or of those of one name. */
const rulesOf = (objects: readonly Rendered[], name?: string): PolicyRule[] =>
  objects
    .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
    .filter(({ metadata }) => name === undefined || metadata.name === name)
    .flatMap((role) => role["rules"] as PolicyRule[]);

describe.each(Object.entries(cases))("with %s", (_, values) => {
  it("the operator's configuration is one that the operator takes, with the operator's image", async () => {
    const objects = await helm().render(values);
    const config = configOf(objects);
    const [container] = templateOf(objects).spec.containers;
    expect(config.image).toBe(container?.image);
    expect(config.namespace).toBe(values["watchNamespace"]);
  });

  it("the operator's pods pass Pod Security restricted and take no variables from Services", async () => {
    const { spec } = templateOf(await helm().render(values));
    expect(podSecurityProblems(spec)).toEqual([]);
    expect(spec.enableServiceLinks).toBe(false);
  });

  it("no role has a wildcard, a right to Secrets or one to grant more than it holds", async () => {
    const allowed = permissions(rulesOf(await helm().render(values)));
    expect(allowed.filter((text) => /\*|secrets|escalate|bind |impersonate/.test(text))).toEqual(
      [],
    );
  });

  it("every object lies where it belongs and says whose it is", async () => {
    const { watchNamespace = "" } = values as { watchNamespace?: string };
    for (const { kind, metadata } of await helm().render(values)) {
      const isClusterWide = /^(Cluster|Custom|Validating)/.test(kind);
      const places = isClusterWide ? [undefined] : ["switchyard-system", watchNamespace];
      expect(places).toContain(metadata.namespace);
      expect(metadata.labels).toMatchObject({ "app.kubernetes.io/managed-by": "Helm" });
    }
  });
});

describe("classes", () => {
  it("reach the operator as values have them, and `default` with the defaults of any class", async () => {
    const { classes } = configOf(await helm().render({ image, classes: { gold } }));
    const bare = operatorConfig.parse({ image: "any", classes: { default: {}, gold } });
    expect(classes).toEqual(bare.classes);
  });
});

describe("the operator's rights", () => {
  const scopes = {
    "all namespaces": cases["the least"]!,
    "one namespace": cases["one namespace"]!,
  };

  it.each(Object.entries(scopes))(
    "in %s hold what it grants to routers and jobs",
    async (_, values) => {
      const held = rulesOf(await helm().render(values), "switchyard-operator.switchyard-system");
      const group = makeGroup({ drift: { goldenSets: ["exam"] } });
      const granted = [buildRole, buildPlanRole, buildDriftRole].flatMap(
        (build) => build(group)["rules"] as PolicyRule[],
      );
      expect(permissions(granted).length).toBeGreaterThan(10);
      expect(excess(granted, held)).toEqual([]);
      expect(excess([{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }], held)).toEqual([
        "get /secrets",
      ]);
    },
  );

  it("in one namespace lie there, but for its definitions and the leader's Lease", async () => {
    const objects = await helm().render(cases["one namespace"]!);
    const role = theOne(objects, "Role", "switchyard-operator.switchyard-system");
    expect(role.metadata.namespace).toBe("models");
    const wide = objects.filter(({ kind }) => kind === "ClusterRole");
    expect(permissions(wide.flatMap((each) => each["rules"] as PolicyRule[]))).toEqual(
      ["modelbackends", "modelroutes", "tenantpolicies"].map(
        (plural) => `get apiextensions.k8s.io/customresourcedefinitions ${plural}.switchyard.dev`,
      ),
    );
    const leader = theOne(objects, "Role", "switchyard-operator.switchyard-system.leader");
    expect(leader.metadata.namespace).toBe("models");
    const { leaseName } = configOf(objects);
    expect(leaseName).toBe("switchyard-operator.switchyard-system");
    expect(permissions(leader["rules"] as PolicyRule[])).toEqual([
      "create coordination.k8s.io/leases",
      `get coordination.k8s.io/leases ${leaseName}`,
      `update coordination.k8s.io/leases ${leaseName}`,
    ]);
  });
});

describe("two releases in one cluster", () => {
  const asRelease = async (name: string, place: string, values: Values) => {
    const command = ["template", name, chartFolder, "--namespace", place];
    return readObjects(await helm().run(command, { image, ...values }));
  };
  const identityOf = ({ kind, metadata }: Rendered) =>
    `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

  const everything = cases["everything"]!;
  const pairs: Readonly<
    Record<string, [Parameters<typeof asRelease>, Parameters<typeof asRelease>]>
  > = {
    "of one name in two namespaces": [
      ["switchyard", "system-one", { watchNamespace: "models-one" }],
      ["switchyard", "system-two", { watchNamespace: "models-two" }],
    ],
    "of two names in one namespace": [
      ["switchyard-one", "system", { ...everything, watchNamespace: "models-one" }],
      ["switchyard-two", "system", { ...everything, watchNamespace: "models-two" }],
    ],
    "of which one watches what the other lies in": [
      ["switchyard-one", "system", { watchNamespace: "models" }],
      ["switchyard-two", "models", {}],
    ],
    "that watch the same namespace": [
      ["switchyard-one", "system", { watchNamespace: "models" }],
      ["switchyard-two", "system", { watchNamespace: "models" }],
    ],
  };

  it.each(Object.entries(pairs))("%s claim no object of each other", async (_, [one, two]) => {
    const first = await asRelease(...one);
    const second = await asRelease(two[0], two[1], { ...two[2], crds: { install: false } });
    const names = new Set(first.map(identityOf));
    expect(second.length).toBeGreaterThan(8);
    expect(second.map(identityOf).filter((name) => names.has(name))).toEqual([]);
    expect(configOf(first).leaseName).not.toBe(configOf(second).leaseName);
  });
});

describe("the operator's pods", () => {
  const checksumOf = async (values: Values) =>
    templateOf(await helm().render(values)).metadata.annotations["checksum/config"];

  it("are replaced where the configuration changes, and not otherwise", async () => {
    const before = await checksumOf({ image });
    expect(await checksumOf({ image, classes: { gold } })).not.toBe(before);
    expect(await checksumOf({ image, operator: { replicas: 3 } })).toBe(before);
  });

  it("keep the labels by which they are selected, whatever values say", async () => {
    const { labels } = templateOf(await helm().render(cases["everything"]!)).metadata;
    expect(labels).toMatchObject({ team: "platform", "app.kubernetes.io/name": "switchyard" });
  });

  it("have text for every variable", async () => {
    const [container] = templateOf(await helm().render(cases["everything"]!)).spec.containers;
    const texts = container?.env.filter(({ value }) => value !== undefined) ?? [];
    expect(texts.map(({ value }) => typeof value)).toEqual(texts.map(() => "string"));
    expect(texts).toContainEqual({ name: "TRUTH", value: "true" });
  });

  it("have their memory bounded, once, and by values where these say how", async () => {
    const boundsWith = async (env: Record<string, string>) => {
      const rendered = await helm().render({ ...cases["everything"]!, operator: { env } });
      const variables = templateOf(rendered).spec.containers[0]?.env ?? [];
      return variables.filter(({ name }) => /^(NODE_OPTIONS|MALLOC_ARENA_MAX)$/.test(name));
    };
    expect(await boundsWith({})).toEqual([
      { name: "NODE_OPTIONS", value: "--max-semi-space-size=4 --max-old-space-size=192" },
      { name: "MALLOC_ARENA_MAX", value: "2" },
    ]);
    const own = { MALLOC_ARENA_MAX: "8", NODE_OPTIONS: "--max-old-space-size=400" };
    expect(await boundsWith(own)).toEqual(
      Object.entries(own).map(([name, value]) => ({ name, value })),
    );
  });
});

describe("the CRDs", () => {
  const crdsOf = async (values: Values) =>
    (await helm().render(values)).filter(({ kind }) => kind === "CustomResourceDefinition");

  it("stay at an uninstall unless told otherwise, and are left out where told so", async () => {
    const policies = async (values: Values) =>
      (await crdsOf(values)).map(
        ({ metadata }) => metadata.annotations?.["helm.sh/resource-policy"],
      );
    expect(await policies({ image })).toEqual(["keep", "keep", "keep"]);
    expect(await policies({ image, crds: { keep: false } })).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await policies({ image, crds: { install: false } })).toEqual([]);
  });

  it("are those of crds/, text for text", async () => {
    for (const crd of await crdsOf({ image })) {
      const file = resolve(root, `crds/switchyard.dev_${crd.metadata.name.split(".", 1)[0]}.yaml`);
      expect(crd["spec"]).toEqual((parse(readFileSync(file, "utf8")) as Rendered)["spec"]);
    }
  });
});

describe("monitors", () => {
  it("find routers by the labels that the operator gives them", async () => {
    const objects = await helm().render(cases["everything"]!);
    const monitor = theOne(objects, "PodMonitor", "switchyard-operator-routers");
    const { selector, namespaceSelector } = monitor["spec"] as {
      selector: { matchLabels: Record<string, string> };
      namespaceSelector: object;
    };
    expect(buildRole(makeGroup()).metadata.labels).toMatchObject(selector.matchLabels);
    expect(namespaceSelector).toEqual({ matchNames: ["models"] });
    expect(monitor.metadata.labels).toMatchObject({ release: "prometheus" });
  });
});
