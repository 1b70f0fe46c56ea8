import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { routeSpec } from "./sample-specs.ts";

const controlPlane = useControlPlane({}, installDefinitions);
const routes = Array.from({ length: 20 }, (_, index) => `route-${index}`);

let bench: OperatorBench;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
  await bench.start();
  await bench.apply("ModelBackend", "nova");
  for (const name of routes) await bench.apply("ModelRoute", name, routeSpec(name));
  await eventually(
    () => bench.table(),
    (table) => Object.keys(table?.routes ?? {}).length === routes.length,
  );
  await eventually(() => bench.read("ServiceAccount", "switchyard-default"), Boolean);
  await bench.playRouter("router-a");
  await bench.playRouter("router-b");
  for (const name of routes) await becomes(programmed(name), "2/2 True");
  // What was written to come to this is long past.
  await sleep(1_000);
  bench.calls.length = 0;
});

afterEach(() => bench.close());

const programmed = (name: string) => async () => {
  const status = await bench.status("ModelRoute", name);
  // A new resource has no conditions.
  const condition = status?.conditions?.find(({ type }) => type === "Programmed");
  return `${status?.programmed} ${condition?.status}`;
};

const statusWrites = () =>
  bench.writes().filter((call) => /modelroutes\/[^/]+\/status/.test(call)).length;

test("a router whose acknowledgement goes back and forth has each status written a few times, not with every turn", async () => {
  const turns = 40;
  for (let turn = 0; turn < turns; turn += 1) {
    await bench.acknowledge("router-b", undefined, turn % 2 === 0 ? "0".repeat(64) : undefined);
    await sleep(150);
    // The first turn is told at once.
    if (turn === 0) await becomes(programmed("route-0"), "1/2 False");
  }
  expect(statusWrites()).toBeLessThanOrEqual(routes.length * 6);
  // An edit is told of at once all the same, and what came of it.
  await bench.apply("ModelRoute", "route-0", { ...routeSpec("route-0"), models: ["edited"] });
  await becomes(programmed("route-0"), "0/2 False");
  await bench.acknowledge("router-a");
  await bench.acknowledge("router-b");
  await becomes(programmed("route-0"), "2/2 True");
  for (const name of routes.slice(1)) await becomes(programmed(name), "2/2 True");
}, 120_000);

test("a router that is ready and not ready in turn has figures written every few seconds", async () => {
  const began = performance.now();
  for (let turn = 0; turn < 8; turn += 1) {
    await bench.setReady("router-b", turn % 2 === 1);
    await sleep(2_500);
  }
  const waves = Math.ceil((performance.now() - began) / 5_000) + 1;
  expect(statusWrites()).toBeLessThanOrEqual(routes.length * waves);
  expect(statusWrites()).toBeGreaterThan(0);
  await bench.setReady("router-b", false);
  for (const name of routes) await becomes(programmed(name), "1/1 True");
}, 120_000);
