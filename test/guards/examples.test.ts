import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { examples, filesOf, judge, readKustomization } from "../support/examples.ts";
import { root } from "./planted-tree.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };

describe.each(examples)("$folder", ({ folder, values, routes, awaits }) => {
  it("has nothing that lint or the class of its values has a word against", () => {
    expect(judge(filesOf(folder), values, awaits)).toEqual({ problems: [], routes });
  });

  it("has the version of the package, and a version of all else", () => {
    for (const { name, newTag } of readKustomization(folder).images ?? []) {
      expect(newTag).toMatch(name === "switchyard" ? version : /^\d+\.\d+/);
    }
  });
});

describe("the examples", () => {
  it("have no YAML that nobody would apply", () => {
    const applied = examples.flatMap(({ folder, values }) => [
      values,
      ...filesOf(folder).map(({ file }) => file),
    ]);
    const all = globSync("examples/{kubernetes*,plans,simulators,team}/**/*.yaml", { cwd: root });
    expect([...new Set(applied)].toSorted()).toEqual(
      [...all, "examples/kubernetes-values.yaml"].toSorted(),
    );
  });
});

describe("a README that calls an example", () => {
  it.each([
    ["README.md", "examples/kubernetes/tenants.yaml"],
    ["examples/team/README.md", "examples/team/base/tenants/support.yaml"],
  ])("%s shows keys of which the policy has the digests", (readme, policy) => {
    const keys = [...read(readme).matchAll(/Bearer (sy_[\w-]+)/g)].map(([, key]) => key ?? "");
    expect(keys).not.toEqual([]);
    for (const key of keys) {
      const digest = createHash("sha256").update(key).digest("hex");
      expect(read(policy)).toContain(`sha256: ${digest}`);
    }
  });

  it("waits for a route, and calls a Service, that are there", () => {
    const readme = read("README.md");
    expect(readme).toContain(
      "kubectl -n models wait --for=condition=Programmed modelroute/assistant",
    );
    expect(readme).toContain("service/switchyard-default");
  });
});
