import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  applyObject,
  connect,
  deleteObject,
  EventRecorder,
  fromKubeconfig,
  getObject,
  LeaderElection,
  resourceTypes,
  type ApplyOptions,
  type Connection,
  type KubeObject,
} from "../../../src/kube/index.ts";
import { seededRandom, systemClock } from "../../../src/lib/index.ts";
import { until } from "../../support/kube/mirror.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { installWidgets, widget, widgetType } from "../../support/kube/widgets.ts";

const controlPlane = useControlPlane({}, installWidgets);
const type = resourceTypes.ConfigMap;

let connection: Connection;
let namespace: string;

beforeEach(async () => {
  connection = connect(await fromKubeconfig(controlPlane().kubeconfig));
  namespace = await controlPlane().createNamespace();
});

afterEach(() => connection.close());

const configMap = (changes: Partial<KubeObject> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  ...changes,
  metadata: { name: "a", namespace, ...changes.metadata },
});

const apply = (object: KubeObject, options: Partial<ApplyOptions> = {}) =>
  applyObject(object, { connection, type, fieldManager: "switchyard", ...options });

const read = () => getObject(connection, type, { namespace, name: "a" });

describe("applying", () => {
  it("makes what is not there, and writes nothing where nothing is new", async () => {
    const made = await apply(configMap({ data: { a: "1" } }));
    const again = await apply(configMap({ data: { a: "1" } }));
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    const changed = await apply(configMap({ data: { a: "2" } }));
    expect(changed.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
  });

  it("removes what is left out, and nothing that others own", async () => {
    await apply(configMap({ data: { ours: "1", left: "1" } }));
    await apply(configMap({ data: { theirs: "1" } }), { fieldManager: "team" });
    await apply(configMap({ data: { ours: "1" } }));
    expect((await read())["data"]).toEqual({ ours: "1", theirs: "1" });
  });

  it("names the manager that owns a field, where it may not take it over", async () => {
    await apply(configMap({ data: { a: "1" } }));
    const taken = apply(configMap({ data: { a: "2" } }), { fieldManager: "team", force: false });
    await expect(taken).rejects.toMatchObject({
      code: "Conflict",
      causes: [
        {
          reason: "FieldManagerConflict",
          field: ".data.a",
          message: expect.stringContaining("switchyard"),
        },
      ],
    });
    await apply(configMap({ data: { a: "2" } }), { fieldManager: "team" });
    expect((await read())["data"]).toEqual({ a: "2" });
  });

  it("raises nobody from the dead whose uid is named", async () => {
    const made = await apply(configMap({ data: { a: "1" } }));
    const { uid = "" } = made.metadata;
    const metadata = { name: "a", namespace, uid };
    await apply(configMap({ metadata, data: { a: "2" } }));
    await deleteObject(connection, type, { namespace, name: "a", uid });
    await expect(apply(configMap({ metadata, data: { a: "3" } }))).rejects.toMatchObject({
      code: "Conflict",
    });
    await expect(read()).rejects.toMatchObject({ code: "NotFound" });
    await apply(configMap());
    await expect(apply(configMap({ metadata, data: { a: "4" } }))).rejects.toMatchObject({
      code: "Conflict",
    });
  });

  it("calls a field that there is not permanent, for all that the server says 500", async () => {
    await expect(apply(configMap({ dat: {} }))).rejects.toMatchObject({
      code: "Invalid",
      permanent: true,
      message: expect.stringContaining(".dat"),
    });
  });

  it("calls a value that the schema refuses Invalid, and names it", async () => {
    const wrong = { ...widget(namespace, "w", ""), spec: { size: "large" } };
    await expect(apply(wrong, { type: widgetType })).rejects.toMatchObject({
      permanent: true,
      message: expect.stringContaining("size"),
    });
  });

  it("writes status beside the rest", async () => {
    await apply(widget(namespace, "w", "spec"), { type: widgetType });
    const { apiVersion, kind, metadata } = widget(namespace, "w", "");
    const status = { note: "status" };
    await apply(
      { apiVersion, kind, metadata, status },
      { type: widgetType, subresource: "status" },
    );
    const written = await getObject(connection, widgetType, { namespace, name: "w" });
    expect(written).toMatchObject({ spec: { note: "spec" }, status, metadata: { generation: 1 } });
  });
});

describe("deleting", () => {
  it("leaves an object of another uid alone, and is content where there is none", async () => {
    await apply(configMap());
    await deleteObject(connection, type, { namespace, name: "a", uid: "another" });
    await deleteObject(connection, type, { namespace, name: "none", uid: "another" });
    expect((await read()).metadata.name).toBe("a");
  });
});

describe("electing", () => {
  const timing = { durationSeconds: 3, renewMs: 2_000, retryMs: 200 };

  const join = (identity: string, through: Connection): LeaderElection =>
    new LeaderElection({
      connection: through,
      namespace,
      name: "operator",
      identity,
      clock: systemClock,
      random: seededRandom(1),
      timing,
    });

  it("has the second lead after the first is cut off, and never both", async () => {
    const first = connect(await fromKubeconfig(controlPlane().kubeconfig));
    const [one, two] = [join("one", first), join("two", connection)];
    await one.acquire();
    const holding = one.hold();
    const second = two.acquire();
    const both: boolean[] = [];
    const watching = setInterval(() => both.push(one.leads && two.leads), 5);
    await until(() => both.length > 100);
    expect(two.leads).toBe(false);
    await first.close();
    await holding;
    await second;
    clearInterval(watching);
    expect(both).not.toContain(true);
    expect([one.leads, two.leads]).toEqual([false, true]);
    await one.release();
    await two.release();
  });

  it("has the next one lead at once where the first goes in good order", async () => {
    const [one, two] = [join("one", connection), join("two", connection)];
    await one.acquire();
    const holding = one.hold();
    const second = two.acquire();
    await one.release();
    await Promise.all([holding, second]);
    const lease = await getObject(connection, resourceTypes.Lease, { namespace, name: "operator" });
    expect(lease["spec"]).toMatchObject({
      holderIdentity: "two",
      leaseDurationSeconds: 3,
      leaseTransitions: 1,
    });
    await two.release();
  });
});

describe("Events", () => {
  it("are seen by kubectl, once each and with their count", async () => {
    const troubles: unknown[] = [];
    const recorder = new EventRecorder({
      connection,
      controller: "switchyard.dev/operator",
      instance: "operator-0",
      clock: systemClock,
      onTrouble: (error) => troubles.push(error),
    });
    const regarding = await apply(configMap());
    const news = {
      regarding: { ...regarding, apiVersion: "v1", kind: "ConfigMap" },
      type: "Warning" as const,
      reason: "ApplyFailed",
      action: "Applying",
      note: "The Deployment cannot be applied",
    };
    for (let index = 0; index < 3; index += 1) await recorder.record(news);
    await recorder.record({ ...news, reason: "Verbose", note: "東".repeat(1_000) });
    const clusterWide = { apiVersion: "v1", kind: "Node", metadata: { name: "node-1", uid: "u" } };
    await recorder.record({ ...news, regarding: clusterWide });
    expect(troubles).toEqual([]);
    const { kubectl } = controlPlane();
    const seen = await kubectl(["get", "events", "-n", namespace]);
    expect(seen).toContain("The Deployment cannot be applied");
    expect(seen.match(/ApplyFailed/g)).toHaveLength(1);
    const described = await kubectl(["describe", "configmap", "a", "-n", namespace]);
    expect(described).toMatch(/ApplyFailed +.*x3/);
    expect(await kubectl(["get", "events", "-n", "default"])).toContain("node/node-1");
  });
});
