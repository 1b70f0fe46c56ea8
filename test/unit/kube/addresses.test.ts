import { describe, expect, it } from "vitest";
import { apiVersionOf, keyOf, microTime, pathOf, resourceTypes } from "../../../src/kube/index.ts";

const { ConfigMap, CustomResourceDefinition, ModelRoute } = resourceTypes;

describe("paths", () => {
  it.each([
    [ConfigMap, {}, "/api/v1/configmaps"],
    [ConfigMap, { namespace: "shop" }, "/api/v1/namespaces/shop/configmaps"],
    [ConfigMap, { namespace: "shop", name: "a" }, "/api/v1/namespaces/shop/configmaps/a"],
    [
      ModelRoute,
      { namespace: "shop", name: "chat", subresource: "status" as const },
      "/apis/switchyard.dev/v1alpha1/namespaces/shop/modelroutes/chat/status",
    ],
    [
      CustomResourceDefinition,
      { name: "modelroutes.switchyard.dev" },
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/modelroutes.switchyard.dev",
    ],
    [
      ConfigMap,
      { namespace: "../kube-system", name: "a/b?c" },
      "/api/v1/namespaces/..%2Fkube-system/configmaps/a%2Fb%3Fc",
    ],
  ])("of %j at %j", (type, place, path) => {
    expect(pathOf(type, place)).toBe(path);
  });
});

it("names the version of a kind with its group, if it has one", () => {
  expect([ConfigMap, ModelRoute].map(apiVersionOf)).toEqual(["v1", "switchyard.dev/v1alpha1"]);
});

it("names an object by namespace and name, or by name alone", () => {
  expect(keyOf({ metadata: { name: "a", namespace: "shop" } })).toBe("shop/a");
  expect(keyOf({ metadata: { name: "a" } })).toBe("a");
});

it("writes times with six digits of a second", () => {
  expect(microTime(Date.UTC(2027, 0, 2, 3, 4, 5, 67))).toBe("2027-01-02T03:04:05.067000Z");
});
