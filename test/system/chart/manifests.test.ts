import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readObjects, useHelm } from "../../support/helm.ts";

const script = resolve(import.meta.dirname, "../../../scripts/manifests.ts");
const repository = "image.repository=registry.example/switchyard";
const helm = useHelm();

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-manifests-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function manifests(...parameters: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...parameters], {
    encoding: "utf8",
    timeout: 100_000,
  });
  return { code: status, said: stdout + stderr };
}

const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const written = (): string[] => readdirSync(folder).toSorted();

const resources = (): string[] =>
  (parse(read("kustomization.yaml")) as { resources: string[] }).resources;

describe("npm run manifests", () => {
  it("writes what Helm would apply, a file for each object, and the namespace before all", async () => {
    expect(manifests(folder, "--set", repository)).toMatchObject({ code: 0 });
    const [namespace, ...objects] = resources().flatMap((name) => readObjects(read(name)));
    expect(namespace).toMatchObject({
      kind: "Namespace",
      metadata: {
        name: "switchyard-system",
        labels: { "pod-security.kubernetes.io/enforce": "restricted" },
      },
    });
    const rendered = await helm().render({ image: { repository: "registry.example/switchyard" } });
    expect(objects).toEqual(rendered);
    expect([...resources(), "kustomization.yaml"].toSorted()).toEqual(written());
  });

  it("takes the flags of helm template, the namespace among them", () => {
    const flags = ["--set", repository, "--namespace", "gateway", "--set", "crds.install=false"];
    expect(manifests(folder, ...flags)).toMatchObject({ code: 0 });
    expect(resources()).toContain("namespace-gateway.yaml");
    const [deployment] = readObjects(read("deployment-switchyard-operator.yaml"));
    expect(deployment?.metadata.namespace).toBe("gateway");
    expect(written().filter((name) => name.startsWith("customresource"))).toEqual([]);
  });

  it("replaces what it wrote before, and takes away what is no more", () => {
    manifests(folder, "--set", repository);
    const before = written();
    manifests(folder, "--set", repository, "--set", "admissionPolicy.enabled=false");
    const gone = before.filter((name) => !written().includes(name));
    expect(new Set(gone.map((name) => name.split("-", 1)[0]))).toEqual(
      new Set(["validatingadmissionpolicy", "validatingadmissionpolicybinding"]),
    );
  });

  it("touches no folder that holds anything else", () => {
    writeFileSync(join(folder, "mine.yaml"), "kind: Mine\n");
    const { code, said } = manifests(folder, "--set", repository);
    expect([code, said]).toEqual([1, expect.stringContaining("mine.yaml was not made by this")]);
    expect(written()).toEqual(["mine.yaml"]);
  });

  it("says what Helm says where a value is wrong, and writes nothing", () => {
    const { code, said } = manifests(folder);
    expect([code, said]).toEqual([1, expect.stringContaining("image.repository: say where")]);
    expect(written()).toEqual([]);
  });

  it("says what it wants where no folder is named", () => {
    expect(manifests("--set", repository)).toMatchObject({
      code: 2,
      said: expect.stringContaining("npm run manifests -- DIR") as string,
    });
  });
});
