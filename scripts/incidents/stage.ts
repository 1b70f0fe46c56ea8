// A group with all that is around it, each part a process of its own: simulated models, two routers, a
// Prometheus that scrapes them with the shipped rules, and applications that ask all the time.
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../../src/simulators/index.ts";
import {
  startPrometheus,
  type PrometheusServer,
} from "../../test/support/prometheus/prometheus-server.ts";
import { SwitchyardProcess } from "../../test/support/switchyard-process.ts";
import { readExposition, type Sample } from "./exposition.ts";
import { historyOf, type Scrape } from "./history.ts";
import { Traffic } from "./traffic.ts";
import { group, raiseBudget, writeWorld } from "./world.ts";

const routerCount = 2;
/** What has just been started is slow whatever it does. */
const coldMs = 10_000;
/** An edited folder is served within a second or so. */
const loadMs = 60_000;
/** Ejections grow while a backend stays ill. */
const recoverMs = 300_000;
const lookEveryMs = 1_000;
const hourMs = 3_600_000;
const job = "switchyard-routers";
/** As a PodMonitor would add it. */
const ofCluster = { namespace: group.namespace };
const signing = {
  AWS_ACCESS_KEY_ID: "SIMULATEDACCESSKEY",
  AWS_SECRET_ACCESS_KEY: "simulated-secret-access-key",
};

interface Router {
  url: string;
  adminUrl: string;
}

interface StageOptions {
  ruleFile: string;
  scrapeSeconds: number;
  /** How long the load is looked at from which the history is made. */
  lookMs: number;
  /** Told of what is under way. */
  say: (line: string) => void;
}

export class Stage {
  readonly #home: string;
  readonly #running: SwitchyardProcess[] = [];
  #simulatorUrl = "";
  #routers: readonly Router[] = [];
  #traffic: Traffic | undefined;
  #prometheus: PrometheusServer | undefined;

  private constructor(home: string) {
    this.#home = home;
  }

  /** All is well then, and has been for an hour, as far as Prometheus knows. */
  static async open(options: StageOptions): Promise<Stage> {
    const stage = new Stage(await mkdtemp(join(tmpdir(), "switchyard-incidents-")));
    try {
      await stage.#start(options);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  get traffic(): Traffic {
    if (this.#traffic === undefined) throw new Error("Nobody asks yet");
    return this.#traffic;
  }

  get prometheus(): PrometheusServer {
    if (this.#prometheus === undefined) throw new Error("There is no Prometheus yet");
    return this.#prometheus;
  }

  /** Of the routers' admin ports. */
  get adminUrls(): readonly string[] {
    return this.#routers.map(({ adminUrl }) => adminUrl);
  }

  /** Has a simulated model fail. @returns the fault's id */
  async order(fault: Fault): Promise<string> {
    const answer = await this.#control("POST", "faults", JSON.stringify(fault));
    const { faults } = (await answer.json()) as { faults: { id: string }[] };
    return faults[0]?.id ?? "";
  }

  async lift(id: string): Promise<void> {
    await this.#control("DELETE", `faults/${id}`);
  }

  /** The routers can no longer read what they serve. */
  hideSource = (): Promise<void> => rename(this.config, this.#hidden);

  showSource = (): Promise<void> => rename(this.#hidden, this.config);

  /** @throws Error where the routers do not take it up */
  async raiseBudget(tenant: string): Promise<void> {
    await raiseBudget(this.config);
    const giveUpAt = Date.now() + loadMs;
    while ((await this.sharesSpent(tenant)).some((share) => share > 0.5)) {
      if (Date.now() > giveUpAt) throw new Error("A router does not take up the raised budget");
      await sleep(lookEveryMs);
    }
  }

  /** What of its budget a tenant has spent, from 0 to 1, by each router. */
  async sharesSpent(tenant: string): Promise<number[]> {
    const all = await Promise.all(this.adminUrls.map(scrape));
    const valueOf = (samples: readonly Sample[], name: string): number =>
      samples.find((each) => each.name === name && each.labels.includes(`"${tenant}"`))?.value ?? 0;
    return all.map(
      (samples) =>
        valueOf(samples, "switchyard_limits_used") / valueOf(samples, "switchyard_limits_budget"),
    );
  }

  /**
   * Waits until no router keeps one of the backends out any more.
   *
   * @returns seconds
   * @throws Error where one does so for good
   */
  async untilTrusted(backends: readonly string[]): Promise<number> {
    const began = Date.now();
    while (!(await this.#allTrusted(backends))) {
      if (Date.now() - began > recoverMs) throw new Error("A router still keeps a backend out");
      await sleep(lookEveryMs);
    }
    return Math.round((Date.now() - began) / 1_000);
  }

  async close(): Promise<void> {
    await this.#traffic?.stop();
    await this.#prometheus?.stop();
    await Promise.all(this.#running.map((each) => each.kill()));
    await rm(this.#home, { recursive: true, force: true });
  }

  /** The folder of YAML that the routers serve. */
  get config(): string {
    return join(this.#home, "config");
  }

  get #hidden(): string {
    return join(this.#home, "hidden");
  }

  async #start({ ruleFile, scrapeSeconds, lookMs, say }: StageOptions): Promise<void> {
    const simulators = this.#begin(["simulate", "--port", "0"]);
    [this.#simulatorUrl] = await simulators.prints(/http:\/\/127\.0\.0\.1:\d+/);
    await writeWorld(this.config, this.#simulatorUrl);
    const startedAt = Date.now();
    this.#routers = await Promise.all(Array.from({ length: routerCount }, () => this.#addRouter()));
    this.#traffic = new Traffic(this.#routers.map(({ url }) => url));
    say(`${routerCount} routers serve; looking at them for ${(coldMs + lookMs) / 1_000} s`);
    await sleep(coldMs);
    const first = await this.#look();
    await sleep(lookMs);
    const history = await this.#historyUntil(startedAt, first, scrapeSeconds * 1_000);
    const file = join(this.#home, "history.txt");
    await writeFile(file, `${history}# EOF\n`);
    this.#prometheus = await startPrometheus({
      scrape: [
        {
          job,
          targets: this.adminUrls.map((url) => new URL(url).host),
          intervalSeconds: scrapeSeconds,
          labels: ofCluster,
        },
      ],
      ruleFiles: [resolve(ruleFile)],
      evaluationSeconds: scrapeSeconds,
      backfill: [file],
    });
    say("Prometheus scrapes them, with an hour of history");
  }

  #begin(words: readonly string[], environment: Record<string, string> = {}): SwitchyardProcess {
    const started = new SwitchyardProcess(words, environment);
    this.#running.push(started);
    return started;
  }

  async #addRouter(): Promise<Router> {
    const ports = ["--port", "0", "--admin-port", "0", "--host", "127.0.0.1"];
    const router = this.#begin(["router", "--config", this.config, ...ports], {
      ...signing,
      SWITCHYARD_ADMIN_HOST: "127.0.0.1",
      SWITCHYARD_RECORDS: "none",
    });
    const url = await router.addressOf("API");
    return { url, adminUrl: await router.addressOf("admin port") };
  }

  #look(): Promise<Scrape[]> {
    return Promise.all(
      this.adminUrls.map(async (url) => ({ at: Date.now(), samples: await scrape(url) })),
    );
  }

  async #allTrusted(backends: readonly string[]): Promise<boolean> {
    const all = await Promise.all(this.adminUrls.map(scrape));
    const out = all
      .flat()
      .filter(({ name, value }) => name === "switchyard_backend_state" && value === 1)
      .filter(({ labels }) => !labels.includes('"closed"'));
    return !out.some(({ labels }) => backends.some((backend) => labels.includes(`"${backend}"`)));
  }

  async #historyUntil(to: number, first: readonly Scrape[], stepMs: number): Promise<string> {
    const second = await this.#look();
    const parts = this.adminUrls.map((url, index) => {
      const [one, other] = [first[index], second[index]];
      if (one === undefined || other === undefined) throw new Error("A router was not looked at");
      const targetLabels = { job, instance: new URL(url).host, ...ofCluster };
      return historyOf({ first: one, second: other, from: to - hourMs, to, stepMs, targetLabels });
    });
    return parts.join("");
  }

  async #control(method: string, path: string, body?: string): Promise<Response> {
    const answer = await fetch(`${this.#simulatorUrl}/_control/${path}`, {
      method,
      ...(body !== undefined && { body }),
    });
    if (!answer.ok) throw new Error(`The simulators refuse: ${await answer.text()}`);
    return answer;
  }
}

async function scrape(adminUrl: string): Promise<Sample[]> {
  return readExposition(await (await fetch(`${adminUrl}/metrics`)).text());
}
