import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  applyObject,
  connect,
  fromKubeconfig,
  KubeError,
  Reflector,
  resourceTypes,
  Store,
  type Connection,
  type KubeCall,
  type KubeObject,
  type ReflectorOptions,
} from "../../../src/kube/index.ts";
import { seededRandom } from "../../../src/lib/index.ts";
import { until } from "../../support/kube/mirror.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import {
  createWidgets,
  installWidgets,
  widget,
  widgetType,
  type Widget,
} from "../../support/kube/widgets.ts";

const controlPlane = useControlPlane({}, installWidgets);

let connection: Connection;
let namespace: string;
const running: Reflector<Widget>[] = [];

beforeEach(async () => {
  connection = connect(await fromKubeconfig(controlPlane().kubeconfig));
  namespace = await controlPlane().createNamespace();
});

afterEach(async () => {
  for (const reflector of running.splice(0)) await reflector.stop();
  await connection.close();
});

interface Mirror {
  store: Store<Widget>;
  reflector: Reflector<Widget>;
  troubles: (Error | undefined)[];
}

function mirror(options: Partial<ReflectorOptions<Widget>> = {}): Mirror {
  const store = new Store<Widget>();
  const troubles: (Error | undefined)[] = [];
  const reflector = new Reflector<Widget>({
    connection,
    type: widgetType,
    store,
    namespace,
    random: seededRandom(1),
    onTrouble: (error) => troubles.push(error),
    ...options,
  });
  reflector.start();
  running.push(reflector);
  return { store, reflector, troubles };
}

/** The connection, but for watches. */
const withLines = (lines: Connection["lines"]): Connection => ({
  json: (call) => connection.json(call),
  lines,
  close: () => connection.close(),
});

/** As a server that does not know how to list within a watch. */
const old = (): Connection =>
  withLines((call, onOpen) => {
    if (call.query?.["sendInitialEvents"] !== undefined)
      throw new KubeError("Invalid", "Forbidden", { status: 422 });
    return connection.lines(call, onOpen);
  });

const apply = (name: string, note: string) =>
  applyObject(widget(namespace, name, note), {
    connection,
    type: widgetType,
    fieldManager: "test",
  });

const remove = (name: string) =>
  connection.json({
    method: "DELETE",
    path: `/apis/example.test/v1/namespaces/${namespace}/widgets/${name}`,
  });

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

describe("2,000 custom resources", () => {
  it.each([
    ["by WatchList", () => connection],
    ["by pages", old],
  ])("are all there, %s, and are then kept", async (way, via) => {
    await createWidgets(connection, namespace, 2_000);
    const heap = heapInUse();
    const startedAt = performance.now();
    const { store, reflector, troubles } = mirror({ connection: via() });
    await reflector.whenSynced;
    const ms = (performance.now() - startedAt).toFixed(0);
    const megabytes = ((heapInUse() - heap) / 2 ** 20).toFixed(1);
    say(`2,000 custom resources ${way}: ${ms} ms, and ${megabytes} MB of heap are kept`);
    expect(store.inNamespace(namespace)).toHaveLength(2_000);
    expect(store.get(`${namespace}/widget-7`)).toMatchObject({
      kind: "Widget",
      apiVersion: "example.test/v1",
    });
    await apply("widget-7", "changed");
    await remove("widget-8");
    await until(() => store.size === 1_999);
    expect(store.get(`${namespace}/widget-7`)?.spec?.note).toBe("changed");
    // A new CRD's first watches may be put off.
    expect(troubles.filter((error) => error !== undefined && !isPutOff(error))).toEqual([]);
  });
});

const isPutOff = (error: unknown): boolean =>
  error instanceof KubeError && error.code === "TooManyRequests";

describe("an interruption", () => {
  it("of ten seconds of the API server is made good", async () => {
    await apply("stays", "before");
    await apply("goes", "before");
    const { store, reflector, troubles } = mirror();
    await reflector.whenSynced;
    await controlPlane().stopApiServer();
    await until(() => troubles.length > 0);
    await pause(10_000);
    expect(store.size).toBe(2);
    await controlPlane().startApiServer();
    const startedAt = performance.now();
    await apply("stays", "after");
    await remove("goes");
    await until(() => store.size === 1);
    say(`Caught up ${(performance.now() - startedAt).toFixed(0)} ms after the API server was back`);
    expect(store.get(`${namespace}/stays`)?.spec?.note).toBe("after");
    expect(troubles[0]).toMatchObject({ code: "Unreachable" });
    expect(troubles.at(-1)).toBeUndefined();
  });

  it("that outlasts the server's memory of versions ends in a new listing", async () => {
    await apply("stays", "");
    await apply("goes", "");
    let isCut = false;
    const forgetful = withLines(async function* lines(call, onOpen) {
      const isResumed = call.query?.["resourceVersion"] !== undefined;
      const asked: KubeCall = isResumed && isCut ? withVersion(call, "1") : call;
      if (isResumed) isCut = false;
      for await (const line of connection.lines(asked, onOpen)) {
        yield line;
        if (isCut) return;
      }
    });
    const { store, reflector, troubles } = mirror({ connection: forgetful });
    await reflector.whenSynced;
    isCut = true;
    await apply("stays", "seen, and the watch ends");
    await remove("goes");
    await until(() => store.size === 1);
    await until(() => troubles.length === 2);
    expect(troubles).toEqual([expect.objectContaining({ code: "Expired" }), undefined]);
  });

  it("of the CRD is made good when it is there again", async () => {
    await apply("first", "");
    const { store, reflector, troubles } = mirror();
    await reflector.whenSynced;
    const { kubectl } = controlPlane();
    await kubectl(["delete", "crd", "widgets.example.test", "--timeout=60s"]);
    await until(() =>
      troubles.some((error) => error instanceof KubeError && error.code === "NotFound"),
    );
    await installWidgets({ kubectl });
    await until(() => store.size === 0);
    await kubectl(["create", "-f", "-"], JSON.stringify(widget(namespace, "second", "")));
    await until(() => store.size === 1);
    expect(store.get(`${namespace}/second`)).toBeDefined();
    expect(troubles.at(-1)).toBeUndefined();
  });
});

const withVersion = (call: KubeCall, resourceVersion: string): KubeCall => ({
  ...call,
  query: { ...call.query, resourceVersion },
});

describe("a watch of one ConfigMap by name", () => {
  const role = (): object => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "pointer", namespace },
    rules: [
      {
        apiGroups: [""],
        resources: ["configmaps"],
        resourceNames: ["pointer"],
        verbs: ["get", "list", "watch"],
      },
    ],
  });
  const binding = (): object => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "pointer", namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "pointer" },
    subjects: [{ kind: "User", name: "router", apiGroup: "rbac.authorization.k8s.io" }],
  });

  async function connectAsRouter(): Promise<Connection> {
    const endpoint = await fromKubeconfig(controlPlane().kubeconfig);
    const authorize = () => Promise.resolve({ "impersonate-user": "router" });
    return connect({ ...endpoint, authorize });
  }

  const write = (name: string, value: string) =>
    applyObject(
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace },
        data: { value },
      } as KubeObject,
      { connection, type: resourceTypes.ConfigMap, fieldManager: "test" },
    );

  const watchAsRouter = (router: Connection, name: string) =>
    mirror({
      connection: router,
      type: resourceTypes.ConfigMap,
      fieldSelector: `metadata.name=${name}`,
    });

  it("needs no more than a Role that names it, and waits until that is there", async () => {
    await write("pointer", "1");
    await write("other", "1");
    const router = await connectAsRouter();
    const { store, reflector, troubles } = watchAsRouter(router, "pointer");
    await until(() => troubles.length > 0);
    expect(troubles[0]).toMatchObject({ code: "Forbidden" });
    for (const object of [role(), binding()])
      await controlPlane().kubectl(["create", "-f", "-"], JSON.stringify(object));
    await reflector.whenSynced;
    await write("pointer", "2");
    await until(() => store.get(`${namespace}/pointer`)?.["data"] !== undefined);
    await until(() => JSON.stringify(store.get(`${namespace}/pointer`)?.["data"]).includes("2"));
    expect(store.size).toBe(1);
    const other = watchAsRouter(router, "other");
    await until(() => other.troubles.length > 0);
    expect(other.troubles[0]).toMatchObject({ code: "Forbidden" });
    await other.reflector.stop();
    await reflector.stop();
    await router.close();
  });
});
