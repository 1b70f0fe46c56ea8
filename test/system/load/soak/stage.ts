import { mkdtemp, readdir, readlink, rename, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  startSimulator,
  type FaultKind,
  type Simulator,
} from "../../../../src/simulators/index.ts";
import { buildBundle } from "../../../support/build-bundle.ts";
import { Inspector, inspectable } from "../../../support/inspected-process.ts";
import {
  backendOf,
  models,
  routeOf,
  type LocalResource,
} from "../../../support/local-resources.ts";
import { send } from "../../../support/send.ts";
import { yamlOf } from "../../../support/start-local.ts";
import { SwitchyardProcess } from "../../../support/switchyard-process.ts";
import { allFaults } from "../injected-faults.ts";

/** A good deal quicker than models are, and slow enough for hedges and clients that leave. */
const speed = 50;

/** What stalls is given up soon: one that stalls for long occupies a lane, and tells nothing more. */
const timeouts = { firstToken: "2s", idle: "1s", total: "5s" };
const ill = ["micro", "lite", "container", "tgi"] as const;
const hedge = { afterPercentile: 50, maxSharePercent: 100 };

/** @param edit no two tables of different ones are alike */
function resourcesOf(edit: number): LocalResource[] {
  const fallback = { totalTimeout: `${10_000 + edit}ms` };
  return [
    ...ill.map((name) => backendOf(name, { timeouts })),
    ...(["haiku", "sonnet", "titan"] as const).map((name) => backendOf(name)),
    routeOf("mixed", ["micro", "lite", "haiku"], { fallback }),
    routeOf("hosted", ["container", "tgi"], { fallback }),
    // Its first candidate is well, for what is ejected most of the time is hardly ever hedged.
    routeOf("hedged", ["sonnet", "lite", "haiku"], { fallback: { ...fallback, hedge } }),
    routeOf("vectors", ["titan"], { type: "Embeddings" }),
    routeOf("sturdy", ["haiku"]),
  ];
}

/** Every kind of fault, at all models but those that nothing else stands by. */
function orderFaults({ faults }: Simulator): void {
  for (const fault of allFaults) {
    for (const name of ill) faults.set({ ...fault, model: models[name] });
  }
}

interface StartedRouter {
  process: SwitchyardProcess;
  inspector: Inspector;
  url: string;
  adminUrl: string;
}

const listening = ["--host", "127.0.0.1", "--port", "0", "--admin-host", "127.0.0.1"];

async function startRouter(folder: string, simulator: Simulator): Promise<StartedRouter> {
  const program = await buildBundle(folder);
  const config = join(folder, "config");
  await mkdir(config);
  await writeFile(join(config, "resources.yaml"), yamlOf(resourcesOf(0)));
  const folders = ["--config", config, "--record", join(folder, "records")];
  const process = new SwitchyardProcess(
    ["router", ...folders, ...listening, "--admin-port", "0"],
    environmentFor(simulator),
    program,
  );
  try {
    const url = await process.addressOf("API");
    const adminUrl = await process.addressOf("admin port");
    return { process, inspector: await Inspector.attach(process), url, adminUrl };
  } catch (error) {
    await process.kill();
    throw error;
  }
}

/** A router as people run it, the simulators behind it, and a look into its process. */
export class SoakStage {
  readonly process: SwitchyardProcess;
  readonly pid: number;
  readonly inspector: Inspector;
  readonly simulator: Simulator;
  readonly url: string;
  readonly recordFolder: string;
  readonly #adminUrl: string;
  readonly #folder: string;

  private constructor(router: StartedRouter, simulator: Simulator, folder: string) {
    this.process = router.process;
    this.pid = router.process.pid ?? 0;
    this.inspector = router.inspector;
    this.url = router.url;
    this.#adminUrl = router.adminUrl;
    this.simulator = simulator;
    this.#folder = folder;
    this.recordFolder = join(folder, "records");
  }

  static async open(): Promise<SoakStage> {
    const folder = await mkdtemp(join(tmpdir(), "switchyard-soak-"));
    const simulator = await startSimulator({ speed });
    orderFaults(simulator);
    try {
      return new SoakStage(await startRouter(folder, simulator), simulator, folder);
    } catch (error) {
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Saves another table, as an editor does. */
  async edit(number: number): Promise<void> {
    const draft = join(this.#folder, "draft.yaml");
    await writeFile(draft, yamlOf(resourcesOf(number)));
    await rename(draft, join(this.#folder, "config", "resources.yaml"));
  }

  /** The sum over all series of a metric. */
  async metric(name: string): Promise<number> {
    const { text } = await send({ url: this.#adminUrl }, { method: "GET", path: "/metrics" });
    let sum = 0;
    for (const [, value] of text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm"))) {
      sum += Number(value);
    }
    return sum;
  }

  /** How many sockets the process holds open. */
  async sockets(): Promise<number> {
    const folder = `/proc/${this.pid}/fd`;
    const links = await Promise.all(
      (await readdir(folder)).map(async (fd) => readlink(join(folder, fd)).catch(() => "")),
    );
    return links.filter((link) => link.startsWith("socket:")).length;
  }

  /** The kinds of fault that calls have met so far. */
  faultsMet(): ReadonlySet<FaultKind> {
    const set = this.simulator.faults.list();
    return new Set(set.flatMap(({ kind, applied }) => (applied > 0 ? [kind] : [])));
  }

  async close(): Promise<void> {
    this.inspector.close();
    await this.process.kill();
    await this.simulator.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function environmentFor({ url, credentials }: Simulator): Record<string, string> {
  return {
    ...inspectable,
    SWITCHYARD_RECORDS: "none",
    // What mutated requests leave unfinished is not waited for any longer than this.
    SWITCHYARD_REQUEST_TIMEOUT_MS: "5000",
    SWITCHYARD_DRAIN_MS: "5000",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: url,
  };
}
