import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { assembleRouter } from "../../src/cli/assemble-router.ts";
import { reachBackends } from "../../src/cli/backend-reach.ts";
import { readEnvironment } from "../../src/cli/environment.ts";
import type { Refreshed } from "../../src/cli/folder-tables.ts";
import { openConfig } from "../../src/cli/open-config.ts";
import { serveFolder } from "../../src/cli/serve-folder.ts";
import type { GroupStore } from "../../src/console/index.ts";
import type { ReachBackend } from "../../src/providers/index.ts";
import type { RouterParts, RouterSettings } from "../../src/router/index.ts";
import { startSimulator, type SimulatedModel, type Simulator } from "../../src/simulators/index.ts";
import type { RedisSettings } from "../../src/tenancy/index.ts";
import { makeLog } from "../../src/telemetry/index.ts";
import { KeptRecords } from "./kept-records.ts";
import { KeptRefreshes } from "./kept-refreshes.ts";
import type { LocalResource } from "./local-resources.ts";

export interface LocalOptions {
  /** What the folder holds; absent: a copy of the examples in test/fixtures/local. */
  resources?: readonly LocalResource[];
  settings?: Partial<RouterSettings>;
  /** Parts to put in place of the real ones. */
  parts?: Partial<RouterParts>;
  /** Where tenants' limits are counted; absent: in the router's memory. */
  redis?: RedisSettings;
  /** What the console asks for the whole group; absent: nothing. */
  store?: GroupStore;
  /** Of the simulators; by default they answer without waiting. */
  speed?: number;
  /** What the simulators play, in place of their own catalogue. */
  models?: readonly SimulatedModel[];
  /** How backends are reached, made of how they usually are. */
  reach?: (usual: ReachBackend) => ReachBackend;
}

/** Without a plan a Certified route has its baseline alone to serve: few tests are about that. */
async function copyExamples(folder: string): Promise<void> {
  await cp("test/fixtures/local", folder, { recursive: true });
  const routes = join(folder, "routes.yaml");
  const text = await readFile(routes, "utf8");
  const estimated = text
    .replace("floorPercent: 90", "floorPercent: 80")
    .replace("assurance: Certified", "assurance: Estimated");
  if (estimated === text) throw new Error("The example no longer has a Certified route");
  await writeFile(routes, estimated);
}

/** A router with simulators behind it, all in this process, on free ports. */
export interface Local {
  url: string;
  adminUrl: string;
  /** Where its YAML stands: edits are loaded as they are saved. */
  folder: string;
  simulator: Simulator;
  records: KeptRecords;
  /** The operational log's lines. */
  log: string[];
  /** Every loading that changed the table or its problems, the first included. */
  refreshes: Refreshed[];
  /** Waits for a loading, from the `since`th on, for which the test holds. */
  refreshed(test: (refreshed: Refreshed) => boolean, since?: number): Promise<Refreshed>;
  /** Writes a file of the folder anew. */
  write(resources: readonly LocalResource[] | string, file?: string): Promise<void>;
  /** Takes all faults back, and has the router forget which backends it has ejected. */
  heal(): void;
  stop(): Promise<void>;
}

const defaults: RouterSettings = {
  host: "127.0.0.1",
  port: 0,
  adminHost: "127.0.0.1",
  adminPort: 0,
  maxBodyBytes: 20 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxRequests: 1_000,
  maxHeldBytes: 128 * 1024 * 1024,
  requestTimeoutMs: 30_000,
  clientStallMs: 10_000,
  drainMs: 2_000,
};

export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-local-"));
  const write: Local["write"] = async (resources, file = "resources.yaml") =>
    writeFile(join(folder, file), typeof resources === "string" ? resources : yamlOf(resources));
  if (options.resources !== undefined) await write(options.resources);
  else await copyExamples(folder);
  const { speed = Number.POSITIVE_INFINITY, models: played, reach = asUsual } = options;
  const simulator = await startSimulator({ speed, ...(played && { models: played }) });
  const records = new KeptRecords();
  const log: string[] = [];
  const refreshes = new KeptRefreshes();
  try {
    const { folder: config, group } = await openConfig({ config: folder }, readEnvironment({}));
    const parts = await assembleRouter({
      settings: { ...defaults, ...options.settings },
      group,
      reach: reach(reachSimulator(simulator)),
      records,
      maxTenants: 100,
      redis: options.redis ?? null,
      store: options.store,
      log: makeLog({ output: { write: (line) => log.push(line) } }),
    });
    const served = await serveFolder({
      folder: config,
      group,
      parts: { ...parts, ...options.parts },
      onRefresh: (each) => refreshes.add(each),
    });
    refreshes.all.unshift(served.first);
    const { url, adminUrl } = served.router;
    const stop = async () => {
      await served.stop();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    };
    const heal = () => {
      simulator.faults.clear();
      (options.parts?.health ?? parts.health).retain({ backends: {} });
    };
    const refreshed: Local["refreshed"] = async (test, since) => refreshes.where(test, since);
    const told = { records, log, refreshes: refreshes.all, refreshed };
    return { url, adminUrl, folder, simulator, ...told, write, heal, stop };
  } catch (error) {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

const asUsual = (usual: ReachBackend): ReachBackend => usual;

/** Whatever endpoint a backend names: no test goes and looks for the machine's own credentials. */
function reachSimulator(simulator: Simulator): ReachBackend {
  const reach = reachBackends(simulator);
  const credentials = async () => simulator.credentials;
  return (backend) => {
    const { endpoint } = backend.target;
    return endpoint === undefined ? reach(backend) : { endpoint, credentials };
  };
}

/** Documents of one file; YAML's anchors would only confuse whoever reads them. */
export function yamlOf(resources: readonly LocalResource[]): string {
  return resources.map((each) => stringify(each, { aliasDuplicateObjects: false })).join("---\n");
}
