import { afterEach, beforeEach, expect, test } from "vitest";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { kstatusOf } from "../../support/kstatus.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { routeSpec } from "./sample-specs.ts";

const controlPlane = useControlPlane({}, installDefinitions);

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
  await bench.start();
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat");
  await bench.apply("ModelRoute", "sums");
  await eventually(
    () => bench.table(),
    (table) => Object.keys(table?.routes ?? {}).length === 2,
  );
  await eventually(() => bench.read("ServiceAccount", "switchyard-default"), Boolean);
});

afterEach(() => bench.close());

const programmed = (name: string) => async () =>
  (await bench.status("ModelRoute", name))?.programmed;
const condition = (name: string, type: string) => () => bench.condition("ModelRoute", name, type);

async function kstatus(name: string) {
  const { metadata } = (await bench.read("ModelRoute", name)) ?? { metadata: {} };
  const status = await bench.status("ModelRoute", name);
  return kstatusOf({ metadata, ...(status && { status }) });
}

test("Programmed waits for every ready router, and only with the entries that changed", async () => {
  await becomes(condition("chat", "Programmed"), "False NotProgrammed");
  expect(await kstatus("chat")).toBe("InProgress");
  await bench.playRouter("router-a");
  await bench.playRouter("router-b");
  await bench.playRouter("router-c", { ready: false });
  await becomes(programmed("chat"), "2/2");
  await becomes(programmed("sums"), "2/2");
  await becomes(condition("chat", "Programmed"), "True Programmed");
  await becomes(() => bench.condition("ModelBackend", "nova", "Programmed"), "True Programmed");
  expect(await kstatus("chat")).toBe("Current");

  const old = await bench.pointer();
  await bench.apply("ModelRoute", "chat", { ...routeSpec("chat"), models: ["edited"] });
  await eventually(
    () => bench.pointer(),
    (pointer) => pointer?.digest !== old?.digest,
  );
  await becomes(programmed("chat"), "0/2");
  expect(await condition("chat", "Reconciling")()).toBe("True Reconciling");
  expect(await condition("chat", "Ready")()).toBe("True Ready");
  expect(await kstatus("chat")).toBe("InProgress");
  // The routers serve the older table, in which this route is as it still is.
  expect(await condition("sums", "Programmed")()).toBe("True Programmed");

  await bench.acknowledge("router-a");
  await becomes(programmed("chat"), "1/2");
  await bench.acknowledge("router-b");
  await becomes(condition("chat", "Programmed"), "True Programmed");
  await becomes(() => kstatus("chat"), "Current");
  expect(await condition("chat", "Reconciling")()).toBeUndefined();
});

test("kubectl waits for Programmed, and shows the columns", async () => {
  const { kubectl } = controlPlane();
  const place = ["-n", bench.namespace];
  await bench.playRouter("router-a");
  await kubectl([
    "wait",
    ...place,
    "--for=condition=Programmed",
    "--timeout=30s",
    "modelroute/chat",
  ]);
  const shown = await kubectl(["get", ...place, "modelroutes"]);
  expect(shown).toMatch(/NAME +MODELS +SELECTION +READY +PROGRAMMED +DRIFT +REASON +AGE/);
  expect(shown).toMatch(/chat +\["chat"\] +Ordered +True +1\/1 +Ready/);
});

test("a backend that no route names is Ready at once and Programmed nowhere, until a route does", async () => {
  await bench.playRouter("router-a");
  await bench.apply("ModelBackend", "spare");
  await becomes(() => bench.condition("ModelBackend", "spare", "Programmed"), "False Unused");
  expect(await bench.condition("ModelBackend", "spare", "Ready")).toBe("True Ready");
  await bench.apply("ModelRoute", "more", routeSpec("more", "spare"));
  await becomes(
    () => bench.condition("ModelBackend", "spare", "Programmed"),
    "False NotProgrammed",
  );
  await bench.acknowledge("router-a");
  await becomes(() => bench.condition("ModelBackend", "spare", "Programmed"), "True Programmed");
});

test("a router that goes leaves the count, and so does its Lease", async () => {
  await bench.playRouter("router-a");
  await bench.playRouter("router-b");
  await becomes(programmed("chat"), "2/2");
  await bench.playRouter("router-b", { ready: false });
  await becomes(programmed("chat"), "1/1");
});

test("transitions are told as Events, once", async () => {
  await bench.playRouter("router-a");
  await eventually(
    () => bench.events(),
    (events) => events.includes("chat Programmed"),
  );
  await bench.playRouter("router-b");
  await becomes(programmed("chat"), "2/2");
  const events = await bench.events();
  expect(events.filter((event) => event === "chat Programmed")).toHaveLength(1);
});
