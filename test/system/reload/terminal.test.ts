// What people see on the terminal when they edit the files of a running router.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backendOf, routeOf, type LocalResource } from "../../support/local-resources.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

const sound = [backendOf("micro"), backendOf("lite"), routeOf("open", ["micro", "lite"])];
const edited = [...sound.slice(0, 2), routeOf("open", ["lite"])];
const broken = [...sound.slice(0, 2), routeOf("open", [])];
const ports = ["--port", "0", "--admin-port", "0"];

let folder = "";
let records = "";
let running: SwitchyardProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-terminal-"));
  records = await mkdtemp(join(tmpdir(), "switchyard-terminal-records-"));
});

afterEach(async () => {
  await running?.kill();
  for (const each of [folder, records]) await rm(each, { recursive: true, force: true });
});

async function save(resources: readonly LocalResource[] | string): Promise<void> {
  const text = typeof resources === "string" ? resources : yamlOf(resources);
  await writeFile(join(folder, "resources.yaml"), text);
}

function start(command: "local" | "router", ...flags: string[]): SwitchyardProcess {
  running = new SwitchyardProcess([
    command,
    "--config",
    folder,
    "--record",
    records,
    ...ports,
    ...flags,
  ]);
  return running;
}

describe("switchyard local", () => {
  it("tells of each edit: what was loaded, what is wrong and where, and that it is mended", async () => {
    await save(sound);
    const local = start("local");
    await local.prints(/admin +http/);
    await save(edited);
    await local.prints(/^Loaded table [0-9a-f]{12}$/m);
    await save(broken);
    await local.prints(/^ {2}resources\.yaml:\d+: ModelRoute open: spec\.candidates: /m, "stderr");
    await local.prints(/^The table stays as it was$/m);
    await save("kind: [");
    await local.prints(/^ {2}resources\.yaml:1: This is not YAML/m, "stderr");
    await save(edited);
    await local.prints(/^All problems are solved; the table is as it was$/m);
    local.signal("SIGINT");
    expect((await local.ended()).code).toBe(0);
  });

  it("starts with what is sound, and tells what is not", async () => {
    await save([...sound, routeOf("second", [])]);
    const local = start("local");
    await local.prints(/serves 1 route over 2 backends/);
    await local.prints(
      /^ {2}resources\.yaml:\d+: ModelRoute second: spec\.candidates: /m,
      "stderr",
    );
  });

  it("starts although a document is passed over, and says so", async () => {
    await save(
      `${yamlOf(sound)}---\napiVersion: other.dev/v1\nkind: ModelRoute\nmetadata: {name: x}\n`,
    );
    const local = start("local");
    await local.prints(/serves 1 route/);
    await local.prints(/warning: .*passed over/, "stderr");
  });

  it("outlives the loss of its folder", async () => {
    await save(sound);
    const local = start("local");
    await local.prints(/admin +http/);
    await rm(folder, { recursive: true });
    await local.prints(/cannot be read: .*stays in force/, "stderr");
    local.signal("SIGTERM");
    expect((await local.ended()).code).toBe(0);
  });
});

describe("switchyard router", () => {
  it("tells the same in lines of its log", async () => {
    const hosted = { endpoint: "http://127.0.0.1:9" };
    const own = [backendOf("micro", { target: hosted }), routeOf("open", ["micro"])];
    await save(own);
    const router = start("router");
    await router.prints(/"message":"Serving the admin port"/, "stderr");
    await save([own[0]!, routeOf("open", [])]);
    const found = await router.prints(
      /^.*"message":"Finding a problem in the configuration".*$/m,
      "stderr",
    );
    expect(JSON.parse(found[0])).toMatchObject({
      level: "warn",
      error: expect.stringMatching(/^resources\.yaml:\d+: ModelRoute open: /) as string,
    });
    router.signal("SIGTERM");
    expect((await router.ended()).code).toBe(0);
  });
});
