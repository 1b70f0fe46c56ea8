import { setTimeout as sleep } from "node:timers/promises";
import { AuditReader, type AuditedWrite } from "../../../support/kube/audit.ts";
import type { ControlPlane } from "../../../support/kube/control-plane.ts";
import { OperatorBench } from "../operator-bench.ts";
import { countWrites } from "./count-writes.ts";
import { Observer } from "./observer.ts";
import { OperatorProcess } from "./operator-process.ts";
import { populate } from "./population.ts";
import type { Program } from "./program.ts";
import { RouterPod } from "./router-pod.ts";

/** Longer than anything is put off, the turns of routers that come one after the other included. */
const quietMs = 21_000;
const longestWaitMs = 300_000;

interface StageOptions {
  routes: number;
  routers: number;
  /** Told of what is under way, and of what has taken how long. */
  say?: (line: string) => void;
  program?: Program;
}

/** A namespace full of routes, a real operator that keeps it, and real routers that serve it. */
export class Stage {
  readonly bench: OperatorBench;
  readonly observer: Observer;
  readonly #audit: AuditReader;
  #operator: OperatorProcess | undefined;
  #routers: RouterPod[] = [];

  private constructor(bench: OperatorBench, auditLog: string) {
    this.bench = bench;
    this.observer = new Observer(bench);
    this.#audit = new AuditReader(auditLog);
  }

  /** @param controlPlane with the definitions of our kinds, and an audit log */
  static async open(controlPlane: ControlPlane, options: StageOptions): Promise<Stage> {
    const { auditLog } = controlPlane;
    if (auditLog === undefined) throw new Error("The control plane keeps no audit log");
    const stage = new Stage(await OperatorBench.open(controlPlane), auditLog);
    try {
      await stage.#fill(options);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  get operator(): OperatorProcess {
    if (this.#operator === undefined) throw new Error("There is no operator yet");
    return this.#operator;
  }

  get routers(): readonly RouterPod[] {
    return this.#routers;
  }

  /** What was written in the namespace since the last call, by whomever but the author of resources. */
  async writes(): Promise<AuditedWrite[]> {
    const writes = await this.#audit.next(this.bench.namespace);
    return writes.filter(({ fieldManager }) => fieldManager !== "author");
  }

  async close(): Promise<void> {
    await Promise.all(this.#routers.map((router) => router.stop()));
    await this.#operator?.stop();
    await this.observer.stop();
    await this.bench.close();
  }

  async #fill({ routes, routers, program, say = () => undefined }: StageOptions) {
    await told(say, `${routes} routes applied`, () => populate(this.bench, routes));
    await this.observer.start();
    this.#operator = await told(say, "operator leading", () =>
      OperatorProcess.start(this.bench, program),
    );
    await told(say, "first table published", () => this.observer.whenPublishedAfter(undefined));
    await told(say, `${routers} routers ready with a table`, () =>
      this.#addRouters(routers, program),
    );
    await told(say, "all statuses and Events written", () => this.#whenQuiet());
  }

  /** All at once: each that comes by itself changes the status of every route. */
  async #addRouters(count: number, program: Program | undefined): Promise<void> {
    const starts = Array.from({ length: count }, async (_, number) => {
      this.#routers.push(await RouterPod.start(this.bench, `router-${number}`, program));
    });
    const ends = await Promise.allSettled(starts);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  async #whenQuiet(): Promise<void> {
    const giveUpAt = performance.now() + longestWaitMs;
    for (let quietSince = performance.now(); performance.now() - quietSince < quietMs;) {
      if (performance.now() > giveUpAt) throw new Error("The operator writes on and on");
      if (Object.keys(countWrites(await this.writes())).length > 0) quietSince = performance.now();
      await sleep(100);
    }
  }
}

async function told<Value>(
  say: (line: string) => void,
  what: string,
  act: () => Promise<Value>,
): Promise<Value> {
  const began = performance.now();
  const value = await act();
  say(`${what} after ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  return value;
}
