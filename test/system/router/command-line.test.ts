import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Command } from "../../../src/cli/command.ts";
import { keygen } from "../../../src/cli/keygen.ts";
import { lint } from "../../../src/cli/lint.ts";
import { local } from "../../../src/cli/local.ts";
import { router } from "../../../src/cli/router.ts";
import { simulate } from "../../../src/cli/simulate.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

let folder: string;
const inFolder = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-cli-"));
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

/** A folder with these files, made for one case. */
async function folderWith(files: Record<string, string>): Promise<string> {
  const made = await mkdtemp(join(folder, "config-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(made, name), text);
  return made;
}

async function run(words: readonly string[], environment: Record<string, string> = {}) {
  return new SwitchyardProcess(words, environment).ended();
}

const good = yamlOf([backendOf("micro"), routeOf("one", ["micro"])]);

const quiet = ["--port", "0", "--admin-port", "0"];
const oneTwice = { "a.yaml": good, "b.yaml": good };

describe("what a person can mend is told in one sentence, with exit code 2", () => {
  it.concurrent.each<
    [what: string, words: string[], environment: Record<string, string>, says: RegExp]
  >([
    ["no command", [], {}, /Name a command/],
    ["an unknown command", ["loca"], {}, /no command "loca"; there are .*local/],
    ["an unknown flag", ["local", "--prot", "1"], {}, /--prot/],
    [
      "a missing folder",
      ["local", "--config", "/nothing/here", ...quiet],
      {},
      /\/nothing\/here does not exist.*--config/,
    ],
    [
      "a file in place of a folder",
      ["local", "--config", "package.json", ...quiet],
      {},
      /package\.json is not a folder/,
    ],
    [
      "a file in place of the folder for records",
      ["local", "--record", "package.json", ...quiet],
      {},
      /Records cannot be kept in package\.json: .*--record DIR/,
    ],
    [
      "a wrong variable",
      ["router", ...quiet],
      { SWITCHYARD_DRAIN_MS: "soon" },
      /SWITCHYARD_DRAIN_MS: .*number/,
    ],
    [
      "a host that is none of ours",
      ["local", "--host", "192.0.2.1", ...quiet],
      {},
      /192\.0\.2\.1 is no address of this machine/,
    ],
  ])("%s", async (_what, words, environment, says) => {
    const { code, stdout, stderr } = await run(words, environment);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^switchyard: /);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it.concurrent.each<[what: string, files: Record<string, string>, says: RegExp]>([
    ["YAML that does not parse", { "a.yaml": "kind: [\n" }, /a\.yaml:\d+/],
    ["a resource that stands twice", oneTwice, /b\.yaml:\d+.*micro stands in a\.yaml/],
    ["an empty folder", {}, /no ModelRoute to serve/],
  ])("%s", async (_what, files, says) => {
    const config = await folderWith(files);
    const { code, stderr } = await run(["local", "--config", config, ...quiet]);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(code).toBe(2);
  });

  it.concurrent.each(["--port", "--admin-port", "--simulator-port"])(
    "a taken port (%s)",
    async (flag) => {
      const taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const { port } = taken.address() as AddressInfo;
      const ports = { "--port": "0", "--admin-port": "0", [flag]: String(port) };
      const words = Object.entries(ports).flat();
      const { code, stderr } = await run(["local", ...words, "--record", inFolder("records")]);
      taken.close();
      expect(stderr).toMatch(new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is taken: .*${flag}`));
      expect(stderr).not.toMatch(/\n {4}at /);
      expect(code).toBe(2);
    },
  );
});

// The same in this process, where a command that does not refuse its words would start to serve.
describe("a command refuses", () => {
  it.each<[what: string, command: Command, words: string[], says: RegExp]>([
    ["a flag without its value", local, ["--port"], /--port/],
    [
      "a port that is none",
      local,
      ["--port", "80x"],
      /--port must be a whole number from 0 to 65535, not "80x"/,
    ],
    [
      "a port out of range",
      router,
      ["--admin-port", "70000"],
      /--admin-port must be .* not "70000"/,
    ],
    ["a word too many", local, ["here"], /"here" is not understood/],
    ["a speed of nothing", simulate, ["--speed", "0"], /--speed must be/],
    ["a flag of another command", keygen, ["--port", "1"], /--port/],
    ["to serve no folder", router, quiet, /--config DIR/],
    ["a group that is not there", local, ["--class", "other", ...quiet], /no ModelRoute.*--class/],
    ["to lint nothing", lint, [], /Name the files/],
    ["to lint what is not there", lint, ["/nothing.yaml"], /\/nothing\.yaml does not exist/],
  ])("%s", async (_what, command, words, says) => {
    const error: unknown = await command.run(words).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(says);
  });
});

describe("what tells of the command itself", () => {
  it.concurrent.each([["--help"], ["local", "--help"], ["router", "-h"], ["--version"]])(
    "goes to standard output with exit code 0: %s %s",
    async (...words) => {
      const { code, stdout, stderr } = await run(words.filter(Boolean));
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/switchyard|^\d+\.\d+\.\d+/);
    },
  );
});

describe("switchyard lint", () => {
  it("says of the examples only that a route waits for its plan", async () => {
    const { code, stdout } = await run(["lint", "test/fixtures/local"]);
    expect(stdout).toContain("Route assistant is Certified and has no plan with a certificate");
    expect(stdout).toMatch(/^4 files: 0 errors, 1 warning$/m);
    expect(code).toBe(0);
  });

  it("tells every problem of every file, with its line", async () => {
    const config = await folderWith({
      "a.yaml": yamlOf([backendOf("micro", { capabilities: ["Flying"], contextWindow: -1 })]),
      "b.yaml": yamlOf([routeOf("one", ["nobody"], { selection: { type: "Random" } })]),
    });
    const { code, stdout } = await run(["lint", config]);
    expect(stdout).toMatch(/a\.yaml:\d+.*capabilities/);
    expect(stdout).toMatch(/a\.yaml:\d+.*contextWindow/);
    expect(stdout).toMatch(/b\.yaml:\d+.*selection\.type/);
    expect(stdout).toMatch(/^2 files: 3 errors/m);
    expect(code).toBe(1);
  });

  it("sees what only files together show", async () => {
    const config = await folderWith({ "a.yaml": yamlOf([routeOf("one", ["nobody"])]) });
    const { code, stdout } = await run(["lint", config]);
    expect(stdout).toMatch(/a\.yaml:\d+.*nobody/);
    expect(code).toBe(1);
  });

  it("tells each warning once, and warnings alone are no failure", async () => {
    const drift = { goldenSet: { configMap: { name: "exam" } } };
    const config = await folderWith({
      "a.yaml": yamlOf([backendOf("micro"), routeOf("one", ["micro"], { drift })]),
    });
    const { code, stdout } = await run(["lint", config]);
    expect(stdout.match(/names the golden set exam/g)).toHaveLength(1);
    expect(stdout).toMatch(/^1 file: 0 errors, 1 warning$/m);
    expect(code).toBe(0);
  });
});
