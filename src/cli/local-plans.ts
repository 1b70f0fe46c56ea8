import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { readManifests, type ConfigMapManifest } from "../api/index.ts";
import type { PlanReport } from "../policy/index.ts";
import { folderStore } from "../records/index.ts";
import type { PlanEntry, RoutingTable } from "../table/index.ts";
import type { Group } from "./folder-tables.ts";
import { LeftOut } from "./left-out.ts";
import { planConfigMaps, planYaml, readPlanYaml } from "./plan-config-map.ts";
import { runPlanJob } from "./plan-job.ts";
import { replaceFile } from "./replace-file.ts";

const quarterHour = 15 * 60_000;

interface Order {
  group: Group;
  recordFolder: string;
  /** Where the plans are kept from one start to the next. */
  file: string;
  builtInClassifier: string;
  table: () => RoutingTable;
  /** Puts plans before the router. */
  publish: (maps: readonly ConfigMapManifest[]) => Promise<void>;
  /** Asks the golden sets, so that there are labels to certify by; absent: there are none to ask. */
  replay?: (signal: AbortSignal) => Promise<void>;
  say: (line: string) => void;
}

/**
 * The plan job beside a local router: once it has started, and every quarter of an hour. One router on an
 * author's machine has no traffic to try a plan on, so that a certified one is followed at once.
 */
export class LocalPlans {
  readonly #order: Order;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #told = "";
  #askedAt: number | undefined;

  constructor(order: Order) {
    this.#order = order;
  }

  /** Puts the plans of the last start before the router, then begins. Nobody has to wait for it. */
  async start(): Promise<void> {
    const known = await this.#known();
    if (known.length > 0) await this.#publish(known);
    this.#running = this.#round();
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#round());
    }, quarterHour);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running;
  }

  /** Plans, and asks the golden sets where a route is without a plan and they may help it to one. */
  async #round(): Promise<void> {
    const { replay, say } = this.#order;
    const made = await this.#run();
    if (replay === undefined || this.#stopping.signal.aborted) return;
    if (made !== undefined && !this.#isToBeAsked(made)) return;
    this.#askedAt = Date.now();
    say("Certifying: asking the golden sets, while baselines serve what is not certified");
    try {
      await replay(this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        say(`The golden sets were not asked: ${messageOf(error)}`);
    }
    await this.#run();
  }

  /** The same questions are asked again only where their answers no longer count. */
  #isToBeAsked(plans: readonly PlanEntry[]): boolean {
    return plans.some(
      ({ tenant, current, evidence }) =>
        tenant === null &&
        current === null &&
        (this.#askedAt === undefined || (evidence?.since ?? 0) > this.#askedAt),
    );
  }

  /** Never rejects: without new plans the router goes on with those that it has. */
  async #run(): Promise<readonly PlanEntry[] | undefined> {
    if (this.#stopping.signal.aborted) return undefined;
    try {
      return await this.#plan();
    } catch (error) {
      this.#order.say(`No plans were made: ${messageOf(error)}; those in force stay`);
      return undefined;
    }
  }

  async #plan(): Promise<readonly PlanEntry[]> {
    const { table, recordFolder, builtInClassifier } = this.#order;
    const store = folderStore(recordFolder);
    try {
      const previous = await this.#known();
      const { plans, report } = await runPlanJob({
        table: table(),
        store,
        previous,
        builtInClassifier,
        now: Date.now(),
        settings: { rollout: [] },
        left: new LeftOut(),
        inMemory: true,
      });
      await this.#publish(plans);
      this.#tell(report);
      return plans;
    } finally {
      store.close();
    }
  }

  async #known(): Promise<readonly PlanEntry[]> {
    const text = await readFile(this.#order.file, "utf8").catch(() => undefined);
    const plans = text === undefined ? undefined : readPlanYaml(text);
    // A file that somebody has spoilt is made anew.
    return plans?.ok === true ? plans.value : [];
  }

  async #publish(plans: readonly PlanEntry[]): Promise<void> {
    const { group, file, publish } = this.#order;
    const text = planYaml(planConfigMaps(group, plans));
    await mkdir(dirname(file), { recursive: true });
    await replaceFile(file, text);
    await publish(readManifests(text, file).configMaps);
  }

  /** Once for each change: a run that finds the same says nothing. */
  #tell(report: readonly PlanReport[]): void {
    const lines = report.map(planLine);
    const text = lines.join("\n");
    if (text === this.#told) return;
    this.#told = text;
    for (const line of lines) this.#order.say(line);
  }
}

/** `Plan for assistant certified: at least 95 % …` or why there is none. */
function planLine(plan: PlanReport): string {
  const name = plan.tenant === null ? plan.route : `${plan.route}, tenant ${plan.tenant}`;
  if (plan.serves === "baseline") return `No plan for ${name}: ${plan.because ?? "none is needed"}`;
  if (plan.serves === "pooled" && plan.tenant !== null) return `Plan for ${name}: the route's`;
  const { golden, shadow } = plan.labels;
  const saved = ((plan.expectedSaving ?? 0) * 100).toFixed(0);
  const until =
    plan.expiresAt === null ? "" : `, until ${new Date(plan.expiresAt).toISOString().slice(0, 10)}`;
  return `Plan for ${name} certified by ${golden + shadow} labels: saves ${saved} %${until}`;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
