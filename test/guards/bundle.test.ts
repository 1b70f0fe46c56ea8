import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SwitchyardProcess } from "../support/switchyard-process.ts";
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
      [join(folder, "switchyard.mjs"), ...parameters],
      { cwd: folder, encoding: "utf8", timeout: 60_000 },
    );
    return { status, out: stdout, err: stderr };
  };

  it("makes a program, its parts and source maps, with the solver, the models and the console's page beside it, without a warning", () => {
    expect(built).toMatchObject({ status: 0, stderr: "" });
    const files = readdirSync(folder);
    expect(files).toEqual(expect.arrayContaining(["highs.wasm", "models", "switchyard.mjs"]));
    const others = files.filter((file) => !file.endsWith(".mjs") && !file.endsWith(".mjs.map"));
    expect(others.toSorted()).toEqual(["console-page", "highs.wasm", "models"]);
    expect(readdirSync(join(folder, "models"))).toEqual(readdirSync(join(root, "src/cli/models")));
  });

  it("makes a program without the library's clients of every API", () => {
    const texts = readdirSync(folder)
      .filter((file) => file.endsWith(".mjs"))
      .map((file) => readFileSync(join(folder, file), "utf8"));
    expect(texts.some((text) => /KubeConfig\b/.test(text))).toBe(true);
    expect(texts.some((text) => /CoreV1Api\b/.test(text))).toBe(false);
  });

  it("makes a router that does not load Node's own undici beside its own", () => {
    const listing = join(folder, "listing.cjs");
    writeFileSync(
      listing,
      'process.once("exit", () => console.log(JSON.stringify(process.moduleLoadList)));',
    );
    const { status, stdout } = spawnSync(
      node,
      ["--require", listing, join(folder, "switchyard.mjs"), "router", "--help"],
      { cwd: folder, encoding: "utf8", timeout: 60_000 },
    );
    rmSync(listing);
    expect(status).toBe(0);
    expect(stdout).toContain("NativeModule http");
    expect(stdout).not.toContain("internal/deps/undici");
  });

  it("gives what is loaded on demand the names that are asked for", async () => {
    const texts = readdirSync(folder)
      .filter((file) => file.endsWith(".mjs"))
      .map((file) => readFileSync(join(folder, file), "utf8"));
    const parts = texts.flatMap((text) => [...text.matchAll(/import\("(\.\/[^"]+)"\)/g)]);
    const program = `
      const parts = ${JSON.stringify([...new Set(parts.map(([, part]) => part))])};
      const names = {};
      for (const part of parts) names[part] = Object.keys(await import(part));
      console.log(JSON.stringify(names));`;
    const listing = join(folder, "names.mjs");
    writeFileSync(listing, program);
    const { stdout, stderr } = spawnSync(node, [listing], { encoding: "utf8", timeout: 60_000 });
    rmSync(listing);
    expect(stderr).toBe("");
    const names = JSON.parse(stdout) as Record<string, string[]>;
    const flat = Object.values(names).flat();
    for (const asked of [
      "fromNodeProviderChain",
      "fromTokenFile",
      "fromSSO",
      "S3Client",
      "Redis",
      "Agent",
    ])
      expect(flat).toContain(asked);
    // A part with a default alone is CommonJS of which nobody gets a name; the solver is a function by itself.
    const bare = Object.entries(names).filter(([, each]) => each.join() === "default");
    expect(bare).toEqual([]);
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

  it("makes a program whose console has all that its page is made of", async () => {
    const config = join(root, "test/fixtures/local");
    const flags = ["--port", "0", "--admin-port", "0", "--record", join(folder, "records")];
    const program = join(folder, "switchyard.mjs");
    const started = new SwitchyardProcess(["local", "--config", config, ...flags], {}, program);
    try {
      const [, url = ""] = await started.prints(/console +(http:\S+\/console)/);
      const page = await (await fetch(url)).text();
      const parts = [...page.matchAll(/(?:href|src)="(\/console\/\w+\.(?:js|css|svg))"/g)];
      expect(parts.length).toBe(3);
      for (const [, path = ""] of parts) {
        const answer = await fetch(new URL(path, url));
        expect([path, answer.status]).toEqual([path, 200]);
        expect(await answer.text()).toBe(
          readFileSync(
            join(root, "src/console/console-page", path.slice("/console/".length)),
            "utf8",
          ),
        );
      }
    } finally {
      await started.kill();
      rmSync(join(folder, "records"), { recursive: true, force: true });
    }
  });

  it("makes a file that a shell can start", () => {
    const [first] = readFileSync(join(folder, "switchyard.mjs"), "utf8").split("\n", 1);
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
