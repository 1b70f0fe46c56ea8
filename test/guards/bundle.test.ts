import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./planted-tree.ts";

const node = join(root, "node_modules/.bin/node");

describe("npm run build", () => {
  let folder = "";
  let built: ReturnType<typeof spawnSync>;

  beforeAll(() => {
    // Outside the repository, so that no package can be found but what is in the bundle.
    folder = mkdtempSync(join(tmpdir(), "switchyard-bundle-"));
    built = spawnSync(node, [join(root, "scripts/build.ts"), "--outdir", folder], {
      encoding: "utf8",
      timeout: 150_000,
    });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...parameters: string[]): { status: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync(
      node,
      [join(folder, "switchyard.js"), ...parameters],
      { cwd: folder, encoding: "utf8", timeout: 60_000 },
    );
    return { status, out: stdout, err: stderr };
  };

  it("makes one file, its source map, the solver and the models beside it, without a warning", () => {
    expect(built).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(folder).toSorted()).toEqual([
      "highs.wasm",
      "models",
      "switchyard.js",
      "switchyard.js.map",
    ]);
    expect(readdirSync(join(folder, "models"))).toEqual(readdirSync(join(root, "src/cli/models")));
  });

  it("makes a file without the library's clients of every API, whose text every process would hold", () => {
    const text = readFileSync(join(folder, "switchyard.js"), "utf8");
    expect(/KubeConfig\b/.test(text)).toBe(true);
    expect(/CoreV1Api\b/.test(text)).toBe(false);
    expect(text.length).toBeLessThan(8_000_000);
  });

  it("makes a program that asks the plugin that a kubeconfig names", () => {
    const settings = mkdtempSync(join(tmpdir(), "switchyard-settings-"));
    try {
      const write = (name: string, content: object): string => {
        writeFileSync(join(settings, name), JSON.stringify(content));
        return join(settings, name);
      };
      const config = write("operator.yaml", { image: "switchyard:test" });
      const exec = {
        apiVersion: "client.authentication.k8s.io/v1",
        command: "no-such-plugin",
        interactiveMode: "Never",
      };
      const kubeconfig = write("kubeconfig", {
        "current-context": "here",
        contexts: [{ name: "here", context: { cluster: "here", user: "me" } }],
        clusters: [{ name: "here", cluster: { server: "https://127.0.0.1:1" } }],
        users: [{ name: "me", user: { exec } }],
      });
      const { status, err } = run("operator", "--config", config, "--kubeconfig", kubeconfig);
      expect({ status, err: err.trim() }).toEqual({
        status: 2,
        err: "switchyard: No cluster to work on: spawn no-such-plugin ENOENT",
      });
    } finally {
      rmSync(settings, { recursive: true, force: true });
    }
  });

  it("makes a file that a shell can start", () => {
    const [first] = readFileSync(join(folder, "switchyard.js"), "utf8").split("\n", 1);
    expect(first).toBe("#!/usr/bin/env node");
  });

  it("makes a program that needs nothing beside Node to show its commands", () => {
    const { status, out, err } = run("--help");
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(/switchyard/);
  });

  it("makes a program that refuses an unknown command with code 2 and a sentence", () => {
    const { status, err } = run("teleport");
    expect(status).toBe(2);
    expect(err).toContain("teleport");
    expect(err).not.toMatch(/\n {4}at /);
  });
});
