import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { readPlanYaml } from "../../../src/cli/plan-config-map.ts";
import {
  folderStore,
  readLabels,
  readRecords,
  type RequestRecord,
} from "../../../src/records/index.ts";
import type { Explanation } from "../../../src/routing/index.ts";
import type { PlanEntry } from "../../../src/table/index.ts";
import { questionsOf, type Mix } from "../../support/journey/exam.ts";
import {
  classifierMap,
  examResources,
  goldenSetMap,
} from "../../support/journey/exam-manifests.ts";
import { askExam, type Answered } from "../../support/journey/exam-traffic.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

const signing = {
  AWS_ACCESS_KEY_ID: "SIMULATEDACCESSKEY",
  AWS_SECRET_ACCESS_KEY: "simulated-secret-access-key",
};
const hourMs = 3_600_000;
/** Records are written once a second. */
const patience = { timeout: 30_000, interval: 250 };

/** Simulators, a folder of YAML, a router over it, and the commands of whoever keeps its plans. */
export class Stage {
  readonly #home: string;
  readonly #running: SwitchyardProcess[] = [];
  readonly #questions = { easy: questionsOf("easy"), hard: questionsOf("hard") };
  #simulatorUrl = "";
  url = "";
  adminUrl = "";

  private constructor(home: string) {
    this.#home = home;
  }

  static async open(): Promise<Stage> {
    const stage = new Stage(await mkdtemp(join(tmpdir(), "switchyard-journey-")));
    await mkdir(stage.at("config"));
    return stage;
  }

  at(name: string): string {
    return join(this.#home, name);
  }

  get records(): string {
    return this.at("records");
  }

  get plans(): string {
    return this.at("config/plans.yaml");
  }

  /** Runs a command to its end, which must be a good one. @returns what it printed */
  async command(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await new SwitchyardProcess(words).ended();
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
    return stdout;
  }

  /** Simulators, and a router whose folder holds the resources, the model and the golden set. */
  async serve(): Promise<void> {
    const simulators = this.#start(["simulate", "--port", "0", "--speed", "1000000"]);
    [this.#simulatorUrl] = await simulators.prints(/http:\/\/127\.0\.0\.1:\d+/);
    const model = await readFile(this.at("model.gz"));
    await writeFile(this.at("config/resources.yaml"), yamlOf(examResources(this.#simulatorUrl)));
    await writeFile(this.at("config/model.yaml"), classifierMap(model));
    await writeFile(this.at("config/golden-set.yaml"), goldenSetMap());
    const ports = ["--port", "0", "--admin-port", "0", "--host", "127.0.0.1"];
    const router = this.#start(
      ["router", "--config", this.at("config"), ...ports, "--record", this.records],
      { ...signing, SWITCHYARD_ADMIN_HOST: "127.0.0.1", SWITCHYARD_RECORDS: "none" },
    );
    this.url = await router.addressOf("API");
    this.adminUrl = await router.addressOf("admin port");
  }

  /** Runs the plan job as if so many hours had gone by, into the folder. */
  async plan(hours: number): Promise<{ entries: PlanEntry[]; lines: PlanLine[] }> {
    const now = new Date(Date.now() + hours * hourMs).toISOString();
    const places = ["--config", this.at("config"), "--records", this.records, "--out", this.plans];
    const stdout = await this.command("plan", ...places, "--now", now, "--json");
    const read = readPlanYaml(await readFile(this.plans, "utf8"));
    if (!read.ok) throw new Error(read.error);
    const lines = stdout.trimEnd().split("\n");
    return { entries: read.value, lines: lines.map((line) => JSON.parse(line) as PlanLine) };
  }

  ask(mix: Mix, count: number): Promise<Answered[]> {
    return askExam(this.url, mix, this.#questions[mix], count);
  }

  /** Their records, once all are written and at least so many of them have been compared. */
  async recordsOf(answered: readonly Answered[], compared: number): Promise<RequestRecord[]> {
    const ids = new Set(answered.map(({ requestId }) => requestId));
    const store = folderStore(this.records);
    let records: RequestRecord[] = [];
    const written = async () => {
      const all = await Array.fromAsync(readRecords(store));
      records = all.filter(({ request_id: id }) => ids.has(id));
      const labels = await Array.fromAsync(readLabels(store));
      const labelled = new Set(labels.map(({ prompt_id: id }) => id));
      return [records.length, ids.intersection(labelled).size >= compared];
    };
    await expect.poll(written, patience).toEqual([answered.length, true]);
    return records;
  }

  /** Until the records of so many replays are written. */
  async replaysKept(count: number): Promise<void> {
    const kept = async () => {
      const all = await Array.fromAsync(readRecords(folderStore(this.records)));
      return all.filter(({ arm }) => arm === "golden").length;
    };
    await expect.poll(kept, patience).toBe(count);
  }

  /** What the router would do with a tenant's next request. */
  async explain(tenant: Mix): Promise<Explanation> {
    const asked = { path: `/explain?tenant=${tenant}`, body: chatOf("exam", "What is 2 + 2?") };
    return JSON.parse((await send({ url: this.adminUrl }, asked)).text) as Explanation;
  }

  metrics = async (): Promise<string> => (await fetch(`${this.adminUrl}/metrics`)).text();

  /** From now on a simulated model knows less. */
  async dropSkill(model: string, skillDrop: number): Promise<void> {
    const fault = JSON.stringify({ model, kind: "less-skill", skillDrop });
    const ordered = await fetch(`${this.#simulatorUrl}/_control/faults`, {
      method: "POST",
      body: fault,
    });
    expect(ordered.status).toBe(201);
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((each) => each.kill()));
    await rm(this.#home, { recursive: true, force: true });
  }

  #start(words: readonly string[], environment: Record<string, string> = {}): SwitchyardProcess {
    const started = new SwitchyardProcess(words, environment);
    this.#running.push(started);
    return started;
  }
}

/** As `switchyard plan --json` prints them, in the part that is looked at here. */
interface PlanLine {
  event: "planned" | "finding";
  tenant: string | null;
  code?: string;
  rollout_percent?: number | null;
}
