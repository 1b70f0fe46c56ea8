import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulatedModels, startSimulator, type Simulator } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

export type Side = "primary" | "secondary";

/** The longest that a request may take; no stream of these models needs a third of it. */
export const totalTimeoutMs = 30_000;

/** What `/table` tells of a backend. */
interface Live {
  backend: string;
  state: string;
}

/** A router as a process of its own, and the two places that its one route can turn to. */
export class OutageStage {
  readonly url: string;
  /** Which side went down when, by the monotonic clock. */
  readonly falls: { side: Side; at: number }[] = [];
  readonly #adminUrl: string;
  readonly #router: SwitchyardProcess;
  readonly #folder: string;
  readonly #upstreams: Record<Side, Simulator>;

  private constructor(
    started: { router: SwitchyardProcess; url: string; adminUrl: string },
    folder: string,
    upstreams: Record<Side, Simulator>,
  ) {
    this.#router = started.router;
    this.url = started.url;
    this.#adminUrl = started.adminUrl;
    this.#folder = folder;
    this.#upstreams = upstreams;
  }

  static async open(): Promise<OutageStage> {
    const folder = await mkdtemp(join(tmpdir(), "switchyard-outage-"));
    const upstreams = { primary: await startUpstream(), secondary: await startUpstream() };
    const backends = (["primary", "secondary"] as const).map((name) =>
      backendOf("micro", {
        name,
        target: { endpoint: upstreams[name].url },
        timeouts: { firstToken: "20s", idle: "20s", total: "25s" },
        // Short, so that a test sees probes; each that fails doubles it.
        outlier: { ejectFor: "1s" },
      }),
    );
    const fallback = { totalTimeout: `${totalTimeoutMs}ms` };
    const route = routeOf("either", ["primary", "secondary"], { fallback });
    await writeFile(join(folder, "resources.yaml"), yamlOf([...backends, route]));
    return new OutageStage(await startRouter(folder, upstreams.primary), folder, upstreams);
  }

  get routerPid(): number {
    return this.#router.pid ?? 0;
  }

  /** Its connections break, and nobody listens any more. */
  async takeDown(side: Side): Promise<void> {
    this.falls.push({ side, at: performance.now() });
    await this.#upstreams[side].close();
  }

  async bringBack(side: Side): Promise<void> {
    this.#upstreams[side] = await startUpstream(this.#upstreams[side].port);
  }

  /** Calls of the upstream as it runs now that have not come to their end. */
  openCalls(side: Side): number {
    return this.#upstreams[side].calls().filter(({ finished }) => !finished).length;
  }

  async stateOf(side: Side): Promise<string | undefined> {
    const table = await fetch(`${this.#adminUrl}/table`);
    const { live } = (await table.json()) as { live: Live[] };
    return live.find(({ backend }) => backend === side)?.state;
  }

  async stop(): Promise<void> {
    this.#router.signal("SIGTERM");
    await this.#router.ended();
    await Promise.all(Object.values(this.#upstreams).map(async (each) => each.close()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Slow to begin and slow to go on: at any moment some streams have said something, and some nothing yet. */
const speed = { firstTokenMedianMs: 800, firstTokenSigma: 0.3, tokensPerSecond: 4 };

async function startUpstream(port = 0): Promise<Simulator> {
  return startSimulator({
    port,
    models: simulatedModels.map((each) => (each.id === models.micro ? { ...each, speed } : each)),
  });
}

async function startRouter(folder: string, { credentials }: Simulator) {
  const words = ["--port", "0", "--admin-port", "0", "--record", join(folder, "records")];
  const router = new SwitchyardProcess(["local", "--config", folder, ...words], {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  const [, url = ""] = await router.prints(/API +(http:\/\/\S+)\/v1/);
  const [, adminUrl = ""] = await router.prints(/admin +(http:\/\/\S+)/);
  return { router, url, adminUrl };
}
