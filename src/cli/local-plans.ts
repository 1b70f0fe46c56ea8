import type { ConfigMapManifest } from "../api/index.ts";
import type { PlanOutput, PlanReport } from "../policy/index.ts";
import { folderStore } from "../records/index.ts";
import type { PlanEntry, RoutingTable } from "../table/index.ts";
import type { KeptPlans } from "./kept-plans.ts";
import { LeftOut } from "./left-out.ts";
import { runPlanJob } from "./plan-job.ts";

const quarterHour = 15 * 60_000;

/** Asks the golden sets of routes, so that there are labels to certify by. */
export interface Replay {
  /** Routes with a golden set that may be asked. */
  routes: ReadonlySet<string>;
  ask: (routes: ReadonlySet<string>, signal: AbortSignal) => Promise<void>;
}

interface Order {
  recordFolder: string;
  kept: KeptPlans;
  builtInClassifier: string;
  table: () => RoutingTable;
  /** Puts plans before the router. */
  publish: (maps: readonly ConfigMapManifest[]) => Promise<void>;
  /** Absent: there are no golden sets to ask. */
  replay?: Replay;
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

  /** Nobody has to wait for the plans. */
  start(): void {
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

  /** Plans, and asks the golden sets where a route is without a plan and they may help it to one. Never rejects. */
  async #round(): Promise<void> {
    try {
      let made = await this.#plan();
      if (await this.#askFor(made)) made = await this.#plan();
      await this.#publish(made);
    } catch (error) {
      this.#order.say(`Plans were not published: ${messageOf(error)}`);
    }
  }

  /** @returns whether the golden sets were asked */
  async #askFor(made: PlanOutput | undefined): Promise<boolean> {
    const { replay, say } = this.#order;
    const routes = this.#routesToAsk(made);
    const { signal } = this.#stopping;
    if (replay === undefined || routes.size === 0 || signal.aborted) return false;
    // The first time the banner has said so.
    if (this.#askedAt !== undefined) {
      say(`Asking the golden set anew for ${[...routes].join(", ")}, since its labels are void`);
    }
    this.#askedAt = Date.now();
    try {
      await replay.ask(routes, signal);
    } catch (error) {
      if (!signal.aborted) say(`The golden sets were not asked: ${messageOf(error)}`);
    }
    return true;
  }

  /** The same questions are asked again only where their answers no longer count. */
  #routesToAsk(made: PlanOutput | undefined): Set<string> {
    const askable = this.#order.replay?.routes ?? new Set<string>();
    if (made === undefined) return new Set(this.#askedAt === undefined ? askable : []);
    const wanting = made.plans.filter(
      ({ tenant, current, evidence }) =>
        tenant === null &&
        current === null &&
        (this.#askedAt === undefined || (evidence?.since ?? 0) > this.#askedAt),
    );
    return new Set(wanting.map(({ route }) => route)).intersection(askable);
  }

  /** Without new plans the router goes on with those that it has. */
  async #plan(): Promise<PlanOutput | undefined> {
    if (this.#stopping.signal.aborted) return undefined;
    const { table, recordFolder, kept, builtInClassifier } = this.#order;
    const store = folderStore(recordFolder);
    try {
      return await runPlanJob({
        table: table(),
        store,
        previous: await kept.read(),
        builtInClassifier,
        now: Date.now(),
        settings: { rollout: [] },
        left: new LeftOut(),
        inMemory: true,
      });
    } catch (error) {
      this.#order.say(`No plans were made: ${messageOf(error)}; those in force stay`);
      return undefined;
    } finally {
      store.close();
    }
  }

  async #publish(made: PlanOutput | undefined): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { kept, publish } = this.#order;
    const plans: readonly PlanEntry[] = made?.plans ?? (await kept.read());
    if (made !== undefined) await kept.write(plans);
    await publish(kept.configMaps(plans));
    if (made !== undefined) this.#tell(made.report);
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
