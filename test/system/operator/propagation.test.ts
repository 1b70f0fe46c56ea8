// A real operator and real routers as processes, on a real API server that notes every write. The same
// with more edits, and with figures: npm run bench:propagation.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions } from "./operator-bench.ts";
import { countWrites } from "./propagation/count-writes.ts";
import { measureEdit } from "./propagation/measure-edit.ts";
import { routeName, routeSpec } from "./propagation/population.ts";
import { processUsage } from "../../support/process-usage.ts";
import { buildBundle } from "../../support/build-bundle.ts";
import { listUnprogrammed, untilProgrammed } from "./propagation/programmed.ts";
import { Stage } from "./propagation/stage.ts";

const controlPlane = useControlPlane({ audit: true }, installDefinitions);
const routes = 2_000;
const routers = 3;
const edits = 3;

/** Thousands of objects are written, with all their statuses and Events. */
const openLimitMs = 300_000;

let stage: Stage;

/** Longer than anything takes that follows once all routers have a route. */
const restMs = 2_500;
const steadyMs = 20_000;

describe("among 2,000 routes and 3 routers", () => {
  let opened: Promise<Stage> | undefined;

  const open = async (): Promise<Stage> => {
    const file = await buildBundle(controlPlane().folder);
    return Stage.open(controlPlane(), { routes, routers, program: { file } });
  };

  beforeEach(async () => {
    opened ??= open();
    stage = await opened;
  }, openLimitMs);

  afterAll(async () => stage?.close());

  test("each edit of a route reaches every router, by one bucket and the pointer", async () => {
    await stage.writes();
    for (let edit = 0; edit < edits; edit += 1) {
      const route = edit * 37;
      await measureEdit(stage, route, edit);
      await untilProgrammed(stage, route);
      await sleep(restMs);
      const writes = await stage.writes();
      const { events = 0, "modelroutes/status": statuses = 0, ...others } = countWrites(writes);
      expect(others).toEqual({ "bucket slot": 1, pointer: 1 });
      // Reconciling, then how many routers have it, as often as that changes; Programmed is news, too.
      expect(statuses).toBeLessThanOrEqual(routers + 1);
      expect(events).toBeLessThanOrEqual(2);
      const told = writes.filter(({ resource }) => resource === "modelroutes/status");
      expect(new Set(told.map(({ name }) => name))).toEqual(new Set([routeName(route)]));
    }
  });

  test("nothing is written while nothing changes, but the Leases of the leader and the routers", async () => {
    await stage.writes();
    await sleep(steadyMs);
    const writes = await stage.writes();
    expect(countWrites(writes)).toEqual({});
    const renewed = new Set(writes.map(({ name }) => name));
    expect(renewed).toContain("switchyard-operator");
    for (const { name } of stage.routers) expect(renewed).toContain(name);
  });

  test("one that is invalid says which field is wrong, and all others are programmed", async () => {
    const { bench } = stage;
    const taken = { ...routeSpec(1), models: [routeName(0)] };
    await bench.apply("ModelRoute", "late", taken);
    await eventually(
      () => bench.condition("ModelRoute", "late", "Accepted"),
      (accepted) => accepted === "False ModelNameTaken",
    );
    const status = await bench.status("ModelRoute", "late");
    const accepted = status?.conditions.find(({ type }) => type === "Accepted");
    expect(accepted?.message).toContain(`spec.models[0]: Route ${routeName(0)} has the model name`);
    await becomes(() => listUnprogrammed(stage), ["late"]);
  });

  test("the operator has never held more than 256 MB", async () => {
    const { peakRssMiB } = await processUsage(stage.operator.process.pid ?? 0);
    expect((peakRssMiB * 2 ** 20) / 1e6).toBeLessThan(256);
  });
});
