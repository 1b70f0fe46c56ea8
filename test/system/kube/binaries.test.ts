import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveBinaries } from "../../support/kube/binaries.ts";

// Nothing is built here: the go that would build is a script that says how it was called.
describe("the binaries of Kubernetes", () => {
  let folder = "";
  let environment: NodeJS.ProcessEnv = {};
  let said: string[] = [];
  const say = (line: string): void => void said.push(line);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-binaries-"));
    for (const name of ["path", "assets"]) mkdirSync(join(folder, name));
    environment = {
      PATH: `${join(folder, "path")}:/usr/bin:/bin`,
      XDG_CACHE_HOME: join(folder, "cache"),
    };
    said = [];
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const writeProgram = (path: string, script: string): void =>
    writeFileSync(join(folder, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  /** Writes what it was asked for, slowly enough to be caught at it. */
  const buildingGo = `
    echo "$@" >> "$(dirname "$0")/../calls"
    while [ "$1" != -o ]; do shift; done
    echo half > "$2"; sleep 0.2; echo "$3" > "$2"; chmod +x "$2"`;

  const builds = (): string[] =>
    existsSync(join(folder, "calls"))
      ? readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n")
      : [];

  const cached = (): string[] =>
    existsSync(join(folder, "cache"))
      ? readdirSync(join(folder, "cache"), {
          recursive: true,
          withFileTypes: true,
        }).flatMap((entry) => (entry.isFile() ? [entry.name] : []))
      : [];

  it("are taken from KUBEBUILDER_ASSETS where it has them", async () => {
    writeProgram("path/go", buildingGo);
    writeProgram("assets/etcd", "");
    environment["KUBEBUILDER_ASSETS"] = join(folder, "assets");
    const found = await resolveBinaries(["etcd", "pause"], { environment, say });
    expect(found).toMatchObject({ ok: true, value: { etcd: join(folder, "assets/etcd") } });
    expect(builds()).toHaveLength(1);
    expect(builds()[0]).toMatch(/\.pause\.\d+\.tmp \.$/);
  });

  it("are built once, saying so, and kept", async () => {
    writeProgram("path/go", buildingGo);
    const first = await resolveBinaries(["etcd", "kubectl"], { environment, say });
    const second = await resolveBinaries(["etcd", "kubectl"], { environment, say });
    expect(second).toEqual(first);
    const paths = first.ok ? Object.values(first.value) : [];
    expect(paths.map((path) => readFileSync(path, "utf8"))).toEqual([
      "go.etcd.io/etcd/server/v3\n",
      "k8s.io/kubernetes/cmd/kubectl\n",
    ]);
    expect(builds()).toHaveLength(2);
    expect(builds()[1]).toContain("version.gitVersion=v1.34.4 ");
    expect(said.map((line) => line.replace(/\d+ s/, "N s"))).toEqual([
      "Building etcd from Go, once: minutes where Go's own cache is empty …",
      "Built etcd in N s",
      "Building kubectl from Go, once: minutes where Go's own cache is empty …",
      "Built kubectl in N s",
    ]);
  });

  it("are built by one of those who want them at the same time", async () => {
    writeProgram("path/go", buildingGo);
    const all = await Promise.all(
      [1, 2, 3, 4].map(() => resolveBinaries(["etcd"], { environment, say })),
    );
    expect(all.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    expect(builds()).toHaveLength(1);
  });

  it("are built where the one who was building has died", async () => {
    writeProgram("path/go", buildingGo);
    const lock = join(folder, "cache/switchyard/kube-v1.34.4/build.lock");
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, "pid"), String(spawnSync("true").pid));
    expect(await resolveBinaries(["pause"], { environment, say })).toMatchObject({ ok: true });
    expect(existsSync(lock)).toBe(false);
  });

  it("are built anew where a build was killed, and nothing of that one is kept", async () => {
    writeProgram("path/go", buildingGo);
    const found = await resolveBinaries(["pause"], { environment, say });
    const path = found.ok ? found.value.pause : "";
    rmSync(path);
    writeFileSync(join(path, `../.pause.${spawnSync("true").pid}.tmp`), "half");
    expect(await resolveBinaries(["pause"], { environment, say })).toEqual(found);
    expect(cached()).toEqual(["pause"]);
  });

  it("are missing where Go fails: its words are told and nothing is kept", async () => {
    writeProgram("path/go", `${buildingGo}; echo "no such module" >&2; exit 1`);
    const found = await resolveBinaries(["etcd"], { environment, say });
    expect(found).toMatchObject({ ok: false, error: expect.stringContaining("no such module") });
    expect(cached()).toEqual([]);
  });

  it("are missing where there is no Go: a person is told what would help", async () => {
    environment["PATH"] = join(folder, "path");
    environment["KUBEBUILDER_ASSETS"] = join(folder, "assets");
    const found = await resolveBinaries(["kube-apiserver"], { environment, say });
    const error = found.ok ? "" : found.error;
    expect(error).toContain("kube-apiserver is missing");
    expect(error).toContain(`KUBEBUILDER_ASSETS (${join(folder, "assets")}) has none`);
    expect(error).toContain("there is no go on the PATH");
    expect(error).toContain("Install Go");
  });
});
