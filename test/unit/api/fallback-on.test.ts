import { describe, expect, test } from "vitest";
import { parseResource, readManifests } from "../../../src/api/index.ts";

const route = (fallback: string) => `apiVersion: switchyard.dev/v1alpha1
kind: ModelRoute
metadata:
  name: assistant
spec:
  models: [assistant]
  baseline: {name: large}
  candidates: [{backend: {name: large}}]
  fallback: ${fallback}
`;

describe("fallback.on, as the hand writes it", () => {
  test.each(["{on: [RateLimited]}", '{"on": [RateLimited]}'])(
    "%s is taken for when, and said",
    (text) => {
      const { manifests, problems } = readManifests(route(text), "route.yaml");
      expect(problems).toMatchObject([{ severity: "Warning", line: 9 }]);
      expect(problems[0]?.message).toContain("Write when in place of on");
      const parsed = parseResource(manifests[0]!);
      expect(parsed).toMatchObject({
        ok: true,
        value: { spec: { fallback: { when: ["RateLimited"] } } },
      });
    },
  );

  test("beside when it is refused: nobody knows which is meant", () => {
    const { manifests, problems } = readManifests(
      route("{on: [RateLimited], when: [Timeout]}"),
      "route.yaml",
    );
    expect(problems).toEqual([]);
    expect(parseResource(manifests[0]!)).toMatchObject({ ok: false });
  });
});
