import { beforeEach, describe, expect, test } from "vitest";

import { KubeError, type KubeObject } from "../../../src/kube/index.ts";
import { applyAnchor, applyGroup } from "../../../src/operator/apply-group.ts";
import { RecordedApi } from "./recorded-api.ts";
import { makeGroup } from "./specs/group-case.ts";

const anchorUid = "5a1f6e0c-6f6a-4b0e-9d38-93a6c0b6d001";
const autoscaled = makeGroup({ anchorUid });
const fixed = makeGroup({ anchorUid, config: { replicas: { min: 3, max: 3 } } });
const open = makeGroup({
  anchorUid,
  config: { replicas: { min: 3, max: 3 }, networkPolicy: { enabled: false } },
});

let api: RecordedApi;
beforeEach(() => {
  api = new RecordedApi();
});

const observed = (): KubeObject[] => [...api.objects.values()];
const cluster = () => ({ connection: api.connection, observed: observed() });
const run = (group: typeof autoscaled) => applyGroup(group, cluster());
const forget = (): void => void api.calls.splice(0);
const find = (kind: string): KubeObject => observed().find((item) => item.kind === kind)!;

const forbidden = new KubeError(
  "Forbidden",
  'services "switchyard-default" is forbidden: User "operator" cannot patch resource "services" in API group "" in the namespace "models"',
  { status: 403 },
);

describe("a group that is not there", () => {
  test("is made, what pods need before what makes pods", async () => {
    const { applied, deleted, problems } = await run(autoscaled);
    expect(api.writes).toEqual([
      "PATCH serviceaccounts/switchyard-default",
      "PATCH roles/switchyard-default",
      "PATCH rolebindings/switchyard-default",
      "PATCH networkpolicies/switchyard-default",
      "PATCH services/switchyard-default",
      "PATCH poddisruptionbudgets/switchyard-default",
      "PATCH deployments/switchyard-default",
      "PATCH horizontalpodautoscalers/switchyard-default",
    ]);
    expect(applied.map(({ difference }) => difference)).toEqual(
      Array.from({ length: 8 }, () => "it is absent"),
    );
    expect({ deleted, problems }).toEqual({ deleted: [], problems: [] });
  });

  test("is applied by force, under the operator's name", async () => {
    await run(autoscaled);
    for (const { method, query } of api.calls) {
      if (method === "PATCH") {
        expect(query).toEqual({ fieldManager: "switchyard-operator", force: "true" });
      }
    }
  });
});

describe("a group that is there", () => {
  beforeEach(async () => {
    await run(autoscaled);
    forget();
  });

  test("costs no call where nothing differs", async () => {
    expect(await run(autoscaled)).toEqual({ applied: [], deleted: [], problems: [] });
    expect(api.calls).toEqual([]);
  });

  test("is applied where it differs, and only there", async () => {
    const outcome = await run(makeGroup({ anchorUid, config: { env: { LOG: "on" } } }));
    expect(outcome.applied).toEqual([
      {
        object: "Deployment models/switchyard-default",
        difference: "spec.template.spec.containers[router].env[LOG] is not as wanted",
      },
    ]);
    expect(api.writes).toEqual(["PATCH deployments/switchyard-default"]);
  });

  test("is not applied again where the store is only late: the API server is asked first", async () => {
    const outcome = await applyGroup(autoscaled, { connection: api.connection, observed: [] });
    expect(outcome.applied).toEqual([]);
    expect(api.writes).toEqual([]);
  });

  test("gets its label back where somebody took it", async () => {
    delete (find("Deployment").metadata.labels as Record<string, string>)[
      "app.kubernetes.io/managed-by"
    ];
    const { applied, problems } = await run(autoscaled);
    expect(problems).toEqual([]);
    expect(applied.map(({ object }) => object)).toEqual(["Deployment models/switchyard-default"]);
  });
});

describe("what is desired no longer", () => {
  beforeEach(async () => {
    await run(autoscaled);
    forget();
  });

  test("is deleted, if it is still the one that was seen", async () => {
    const { deleted } = await run(open);
    expect(deleted.toSorted()).toEqual([
      "HorizontalPodAutoscaler models/switchyard-default",
      "NetworkPolicy models/switchyard-default",
    ]);
    const deletions = api.calls.filter(({ method }) => method === "DELETE");
    for (const { body } of deletions) {
      expect(body).toMatchObject({ preconditions: { uid: anchorUid } });
    }
    expect(api.writes.slice(1).every((write) => write.startsWith("DELETE"))).toBe(true);
  });

  test.each<[string, (item: KubeObject) => void]>([
    [
      "of another anchor",
      (item) => Object.assign(item.metadata.ownerReferences![0]!, { uid: "x" }),
    ],
    ["of nobody", ({ metadata }) => delete metadata.ownerReferences],
    ["not of our making", ({ metadata }) => (metadata.labels = {})],
    ["of another namespace", ({ metadata }) => (metadata.namespace = "others")],
    [
      "of another class",
      ({ metadata }) =>
        (metadata.labels = { ...metadata.labels, "switchyard.dev/router-class": "batch" }),
    ],
    ["on its way out", ({ metadata }) => (metadata.deletionTimestamp = "2026-01-01T00:00:00Z")],
  ])("is left alone where it is %s", async (_, change) => {
    change(find("HorizontalPodAutoscaler"));
    const { deleted } = await run(fixed);
    expect(deleted).toEqual([]);
  });

  test("is never a ConfigMap: the table lies in some", async () => {
    const anchor = await applyAnchor(autoscaled, cluster());
    expect(anchor.ok).toBe(true);
    Object.assign(find("ConfigMap").metadata, { ownerReferences: [{ uid: anchorUid }] });
    expect((await run(autoscaled)).deleted).toEqual([]);
  });
});

describe("the number of routers", () => {
  const managers = () =>
    api.calls
      .filter(({ path, method }) => method === "PATCH" && path.includes("/deployments/"))
      .map(({ query, body }) => [query?.["fieldManager"], (body as KubeObject)["spec"]]);

  test("is handed over before the autoscaler gets it, so that it does not fall to one", async () => {
    await run(fixed);
    forget();
    await run(autoscaled);
    const [first, second, ...others] = managers();
    expect(first).toEqual(["switchyard-operator-replicas", { replicas: 3 }]);
    expect(second?.[0]).toBe("switchyard-operator");
    expect(second?.[1]).not.toHaveProperty("replicas");
    expect(others).toEqual([]);
  });

  test("is not touched again where the autoscaler has it", async () => {
    await run(autoscaled);
    (find("Deployment")["spec"] as { replicas: number }).replicas = 7;
    forget();
    expect((await run(autoscaled)).applied).toEqual([]);
    await run(makeGroup({ anchorUid, config: { env: { A: "b" } } }));
    expect(managers().map(([manager]) => manager)).toEqual(["switchyard-operator"]);
  });
});

describe("an object that cannot be applied", () => {
  test("is told, and the others are applied", async () => {
    api.refuse = ({ path }) => (path.includes("/services/") ? forbidden : undefined);
    const { applied, problems } = await run(autoscaled);
    expect(applied).toHaveLength(7);
    expect(problems).toEqual([
      {
        object: "Service models/switchyard-default",
        code: "Forbidden",
        message: expect.stringContaining("lacks the verb patch on services"),
        permanent: true,
      },
    ]);
  });

  test("keeps none from being deleted", async () => {
    await run(autoscaled);
    api.refuse = ({ method }) => (method === "PATCH" ? forbidden : undefined);
    const { deleted, problems } = await run(fixed);
    expect(deleted).toEqual(["HorizontalPodAutoscaler models/switchyard-default"]);
    expect(problems).toHaveLength(1);
  });

  test("ends the round where nobody answers at all", async () => {
    api.refuse = () => new KubeError("Unreachable", "ECONNREFUSED", { status: 0 });
    const { problems } = await run(autoscaled);
    expect(problems.map(({ code, permanent }) => [code, permanent])).toEqual([
      ["Unreachable", false],
    ]);
  });

  test("is a fault of ours where it is no answer of the API server", async () => {
    api.refuse = () => {
      throw new TypeError("broken");
    };
    await expect(run(autoscaled)).rejects.toThrow("broken");
  });

  test.each(["Deployment", "Role", "Service"])(
    "is not taken from whoever made a %s first",
    async (kind) => {
      await run(autoscaled);
      Object.assign(find(kind).metadata, { labels: { app: "other" }, managedFields: [] });
      forget();
      const { applied, problems } = await run(autoscaled);
      expect(applied).toEqual([]);
      expect(problems).toEqual([
        {
          object: `${kind} models/switchyard-default`,
          code: "Taken",
          message: expect.stringContaining("was not made by Switchyard"),
          permanent: true,
        },
      ]);
      expect(api.writes).toEqual([]);
    },
  );

  test("is not a ServiceAccount that a team made first to give it a role", async () => {
    await run(autoscaled);
    Object.assign(find("ServiceAccount").metadata, {
      labels: {},
      managedFields: [],
      annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/models" },
    });
    const { applied } = await run(autoscaled);
    expect(applied.map(({ object }) => object)).toEqual([
      "ServiceAccount models/switchyard-default",
    ]);
    const { body } = api.calls.findLast(({ method }) => method === "PATCH")!;
    expect(body).not.toHaveProperty("metadata.annotations");
  });
});

describe("the anchor", () => {
  test("is made once, and known by its uid", async () => {
    expect(await applyAnchor(autoscaled, cluster())).toEqual({ ok: true, value: anchorUid });
    expect(api.writes).toEqual(["PATCH configmaps/switchyard-default"]);
    forget();
    expect(await applyAnchor(autoscaled, cluster())).toEqual({ ok: true, value: anchorUid });
    expect(api.calls).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["is going", { deletionTimestamp: "2026-01-01T00:00:00Z" }, "Terminating"],
    ["is somebody else's", { labels: {}, managedFields: [] }, "Taken"],
  ])("is left alone where the one that is there %s", async (_, change, code) => {
    await applyAnchor(autoscaled, cluster());
    Object.assign(find("ConfigMap").metadata, change);
    forget();
    expect(await applyAnchor(autoscaled, cluster())).toMatchObject({ ok: false, error: { code } });
    expect(api.writes).toEqual([]);
  });

  test("tells why it cannot be made", async () => {
    api.refuse = ({ method }) =>
      method === "PATCH"
        ? new KubeError(
            "Forbidden",
            'configmaps "switchyard-default" is forbidden: unable to create new content in namespace models because it is being terminated',
            { status: 403 },
          )
        : undefined;
    expect(await applyAnchor(autoscaled, cluster())).toEqual({
      ok: false,
      error: {
        object: "ConfigMap models/switchyard-default",
        code: "Terminating",
        message: "Namespace models is being deleted, and nothing new can be made in it",
        permanent: false,
      },
    });
  });
});
