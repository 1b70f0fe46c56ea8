import { describe, expect, it } from "vitest";
import type { Manifest } from "../../../src/api/index.ts";
import { driftWatchOf } from "../../../src/operator/drift-watch.ts";
import { makeGroup } from "./specs/group-case.ts";

const group = { namespace: "models", routerClass: "default" };
const { config } = makeGroup({ config: { prometheus: { url: "http://prometheus:9090" } } });

const route = (name: string, spec: unknown, namespace = "models"): Manifest =>
  ({ kind: "ModelRoute", metadata: { name, namespace }, spec }) as Manifest;

const goldenSet = (name: string) => ({ drift: { goldenSet: { configMap: { name } } } });

describe("what of a group is watched for drift", () => {
  it("are the golden sets of all routes that ask for it, each once", () => {
    const routes = [
      route("a", goldenSet("quiz")),
      route("b", goldenSet("exam")),
      route("c", goldenSet("quiz")),
      route("d", { drift: {} }),
      route("e", {}),
    ];
    expect(driftWatchOf(routes, group, config)).toEqual({ goldenSets: ["exam", "quiz"] });
  });

  it.each([
    ["no route asks for it", [route("a", {}), route("b", null)], config],
    ["only routes of other groups ask", [route("a", { drift: {}, routerClass: "x" })], config],
    ["only routes of other namespaces ask", [route("a", { drift: {} }, "other")], config],
    ["its class has nothing to look at", [route("a", { drift: {} })], makeGroup().config],
    [
      "its class wants none",
      [route("a", { drift: {} })],
      { ...config, drift: { ...config.drift, enabled: false } },
    ],
  ])("is nothing where %s", (_, routes, settings) => {
    expect(driftWatchOf(routes, group, settings)).toBeUndefined();
  });
});
