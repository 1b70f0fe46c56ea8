import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "./planted-tree.ts";

// Nothing is fetched here: the npm that would install is a script that says how it was called.
describe("what runs before npm start and npm test", () => {
  let clone = "";

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "switchyard-clone-"));
    mkdirSync(join(clone, "scripts"));
    cpSync(join(root, "scripts/ensure-installed.mjs"), join(clone, "scripts/ensure-installed.mjs"));
    writeLock("package-lock.json", { "": {}, "node_modules/a": { version: "1.0.0" } });
  });

  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  function writeLock(path: string, packages: object): void {
    writeFileSync(join(clone, path), JSON.stringify({ packages }));
  }

  function install(packages: object): void {
    mkdirSync(join(clone, "node_modules/.bin"), { recursive: true });
    symlinkSync(process.execPath, join(clone, "node_modules/.bin/node"));
    writeLock("node_modules/.package-lock.json", packages);
  }

  function run(npmScript = 'console.log(process.argv.slice(2).join(" "));'): {
    status: number | null;
    said: string;
    npm: string;
  } {
    writeFileSync(join(clone, "npm.cjs"), npmScript);
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [join(clone, "scripts/ensure-installed.mjs")],
      {
        cwd: tmpdir(),
        env: { ...process.env, npm_execpath: join(clone, "npm.cjs") },
        encoding: "utf8",
        timeout: 30_000,
      },
    );
    return { status, said: stderr, npm: stdout.trim() };
  }

  it("installs in a fresh clone, and says so in one line first", () => {
    const makesNode = `
      const { mkdirSync, writeFileSync } = require("node:fs");
      mkdirSync("node_modules/.bin", { recursive: true });
      writeFileSync("node_modules/.bin/node", "");
      console.log(process.argv.slice(2).join(" "));`;
    const { status, said, npm } = run(makesNode);
    expect(npm).toBe("install --no-audit --no-fund --loglevel=error");
    expect(said).toMatch(/^Installing 1 packages? .*\n$/);
    expect(status).toBe(0);
  });

  it("does and says nothing where all is there", () => {
    install({ "node_modules/a": { version: "1.0.0" } });
    expect(run()).toEqual({ status: 0, said: "", npm: "" });
  });

  it("installs where a version has moved", () => {
    install({ "node_modules/a": { version: "0.9.0" } });
    expect(run().npm).toMatch(/^install /);
  });

  it("does not miss what is optional, such as another platform's binding", () => {
    install({ "node_modules/a": { version: "1.0.0" } });
    writeLock("package-lock.json", {
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b": { version: "1.0.0", optional: true },
    });
    expect(run().npm).toBe("");
  });

  it("ends with npm's own code where npm fails, and says what to do", () => {
    const { status, said } = run("process.exit(7);");
    expect(status).toBe(7);
    expect(said).toContain("run it by hand");
  });
});
