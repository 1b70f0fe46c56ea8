import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRecords, type RequestRecord } from "../../../../src/records/index.ts";
import { startSimulator, type Simulator } from "../../../../src/simulators/index.ts";
import { makeLoadClient, type LoadClient } from "../../../support/load-client.ts";
import type { LocalResource } from "../../../support/local-resources.ts";
import type { RedisServer } from "../../../support/redis/redis-server.ts";
import { yamlOf } from "../../../support/start-local.ts";
import { SwitchyardProcess } from "../../../support/switchyard-process.ts";

export const keyOf = (tenant: string): string => `sy_key-of-the-tenant-${tenant}`;

/** One `switchyard router`, from its start to its end. */
export interface Router {
  /** Of the place: a router that is started again has it, too. */
  readonly place: number;
  readonly process: SwitchyardProcess;
  readonly client: LoadClient;
}

export interface Answer {
  router: Router;
  tenant: string;
  /** 0 where the connection broke, and then there is no id. */
  status: number;
  requestId: string | undefined;
  errorCode: string | undefined;
}

export interface Asked {
  tenant: string;
  model: string;
}

const places = [0, 1, 2, 3] as const;
const words = ["--host", "127.0.0.1", "--port", "0", "--admin-host", "127.0.0.1", "--admin-port"];

/** Four routers as people run them, with a simulator behind and a Redis beside them. */
export class FourRouters {
  /** Those that are up, as a load balancer knows them. */
  routers: readonly Router[] = [];
  readonly #folder: string;
  readonly #environment: Record<string, string>;

  private constructor(folder: string, environment: Record<string, string>) {
    this.#folder = folder;
    this.#environment = environment;
  }

  static async open(
    simulator: Simulator,
    redis: RedisServer,
    resources: readonly LocalResource[],
  ): Promise<FourRouters> {
    const folder = await mkdtemp(join(tmpdir(), "switchyard-four-routers-"));
    await writeFile(join(folder, "resources.yaml"), yamlOf(resources));
    const stage = new FourRouters(folder, {
      AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
      AWS_ENDPOINT_URL: simulator.url,
      SWITCHYARD_RECORDS: "none",
      SWITCHYARD_REDIS_URL: `redis://${redis.host}:${redis.port}`,
      // A busy machine makes no store away.
      SWITCHYARD_REDIS_TIMEOUT_MS: "5000",
    });
    try {
      await Promise.all(places.map(async (place) => stage.start(place)));
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  async start(place: number): Promise<void> {
    const records = ["--record", join(this.#folder, "records", String(place))];
    const process = new SwitchyardProcess(
      ["router", "--config", this.#folder, ...records, ...words, "0"],
      this.#environment,
    );
    try {
      const client = makeLoadClient(await process.addressOf("API"));
      this.routers = [...this.routers, { place, process, client }];
    } catch (error) {
      await process.kill();
      throw error;
    }
  }

  at(place: number): Router {
    const found = this.routers.find((router) => router.place === place);
    if (found === undefined) throw new Error(`No router is up at ${place}`);
    return found;
  }

  /** As kill -9 does; nobody is sent there any more. */
  async kill(router: Router): Promise<void> {
    this.routers = this.routers.filter((each) => each !== router);
    await router.process.kill();
    router.client.close();
  }

  /** Ends the routers as a rollout does, and gives the records of all, killed ones' included. */
  async end(): Promise<RequestRecord[]> {
    for (const { process } of this.routers) process.signal("SIGTERM");
    const ends = await Promise.all(this.routers.map(async ({ process }) => process.ended()));
    const failed = ends.find(({ code }) => code !== 0);
    if (failed !== undefined) throw new Error(`A router did not end well:\n${failed.stderr}`);
    const all = places.map((place) => readRecords(join(this.#folder, "records", String(place))));
    return (await Promise.all(all.map(async (each) => Array.fromAsync(each)))).flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.routers.map(async (router) => this.kill(router)));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Asks a router for what every request of the test asks for: as many tokens as it may have. */
export async function ask(router: Router, { tenant, model }: Asked): Promise<Answer> {
  const body = {
    model,
    messages: [{ role: "user", content: "Count from 1 to 500" }],
    max_completion_tokens: mostTokens,
  };
  const headers = { authorization: `Bearer ${keyOf(tenant)}` };
  try {
    const { status, headers: got, text } = await router.client.post(path, body, headers);
    const { error } = JSON.parse(text) as { error?: { code: string } };
    const requestId = String(got["x-switchyard-request-id"]);
    return { router, tenant, status, requestId, errorCode: error?.code };
  } catch {
    return { router, tenant, status: 0, requestId: undefined, errorCode: undefined };
  }
}

const path = "/v1/chat/completions";
export const mostTokens = 50;

/** Starts a simulator that takes no time, but for calls of the model that it never answers. */
export async function startHolding(model: string): Promise<Simulator> {
  const simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
  simulator.faults.set({ model, kind: "stall", delayMs: 600_000 });
  return simulator;
}
