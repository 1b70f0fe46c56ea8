// What kustomize makes of the examples, with their patches: the guards look at the files before that.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { examples, judge } from "../../support/examples.ts";
import { readObjects } from "../../support/helm.ts";
import { resolveBinaries, resolveLimitMs } from "../../support/kube/binaries.ts";
import { podSecurityProblems, type RestrictedPod } from "../../support/pod-security.ts";

async function kustomize(folder: string): Promise<string> {
  const binaries = await resolveBinaries(["kubectl"]);
  if (!binaries.ok) throw new Error(binaries.error);
  const made = await promisify(execFile)(binaries.value.kubectl, ["kustomize", folder], {
    timeout: 60_000,
  });
  return made.stdout;
}

describe.each(examples)("$folder, once built", ({ folder, values, routes, awaits }) => {
  it(
    "compiles without a word against it, and its pods pass the strictest standard",
    async () => {
      const text = await kustomize(folder);
      expect(judge([{ file: folder, text }], values, awaits)).toEqual({ problems: [], routes });
      const problems = readObjects(text)
        .filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet")
        .map((object) => object["spec"] as { template: { spec: RestrictedPod } })
        .flatMap(({ template }) => podSecurityProblems(template.spec));
      expect(problems).toEqual([]);
    },
    resolveLimitMs,
  );
});
