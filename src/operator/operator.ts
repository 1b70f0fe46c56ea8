import { setTimeout as pause } from "node:timers/promises";
import {
  EventRecorder,
  LeaderElection,
  WorkQueue,
  type Connection,
  type EventNews,
  type KubeObject,
} from "../kube/index.ts";
import { isKind } from "../api/index.ts";
import type { Clock, Random } from "../lib/index.ts";
import { makeOperatorMetrics, type Log, type OperatorMetrics } from "../telemetry/index.ts";
import { driftAges, driftReadings } from "./drift-readings.ts";
import { leaderLeaseOf } from "./leader-lease.ts";
import { LeftNamespaces } from "./left-namespaces.ts";
import { ModelReader, type InspectModel } from "./models.ts";
import { Neighbours } from "./neighbours.ts";
import { NewsDesk } from "./news-desk.ts";
import type { OperatorConfig } from "./operator-config.ts";
import { NamespaceReconciler } from "./reconcile-namespace.ts";
import { StatusWriter } from "./status-writer.ts";
import { Watched } from "./watched.ts";
import { whileLeading } from "./while-leading.ts";

export interface OperatorOptions {
  connection: Connection;
  config: OperatorConfig;
  /** The operator's own: its Lease lies there, unless it watches one namespace alone. */
  namespace: string;
  /** Unique to this process, such as its pod's name. */
  identity: string;
  clock: Clock;
  random: Random;
  log: Log;
  /** Absent: classifiers in ConfigMaps cannot be used. */
  inspectModel?: InspectModel;
}

export interface RunningOperator {
  /** Resolves when the lease is lost: whoever led must lead no more, and had better exit. */
  whenLost: Promise<void>;
  /** Whether everything has been read; a standby is ready as well. */
  isReady(): boolean;
  isLeading(): boolean;
  /** Prometheus' text format. */
  metricsText(): Promise<string>;
  /** Ends what is under way, and lets the next one lead at once. Takes seconds, whatever the API server does. */
  stop(): Promise<void>;
}

/** A namespace whose writes hang must not hold back the others'. */
const concurrency = 4;

/** What a leader that stops has under way gets this long; then it is cut off. */
const finishMs = 5_000;

/** And all of stopping this long: far less than a pod is given, and than the Lease lasts. */
const stopMs = 10_000;

/** How soon a namespace that another operator keeps is looked at again: that one may be gone. */
const leftMs = 5_000;

/** Milliseconds between two looks at one namespace: a stream of edits becomes a table for each of these. */
const pauseMs = 20;

/**
 * Starts an operator. It reads the cluster at once and keeps what it reads warm; it writes only once
 * it is the leader.
 */
export async function startOperator(options: OperatorOptions): Promise<RunningOperator> {
  const operator = new Operator(options);
  operator.start();
  return Promise.resolve(operator);
}

class Operator implements RunningOperator {
  readonly #options: OperatorOptions;
  readonly #metrics = makeOperatorMetrics(
    () => this.isLeading(),
    () => driftReadings(this.#watched.held, this.#options.clock.now()),
    () => driftAges(this.#watched.held, this.#options.clock.now()),
  );
  readonly #watched: Watched;
  readonly #election: LeaderElection;
  readonly #neighbours: Neighbours;
  readonly #lost = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #isSynced = false;
  #lead: Lead | undefined;
  #running: Promise<void> | undefined;

  constructor(options: OperatorOptions) {
    const { connection, config, namespace, identity, clock, random, log } = options;
    this.#options = options;
    this.#watched = new Watched(
      {
        connection,
        namespace: config.namespace,
        random,
        onTrouble: ({ plural }, error) => {
          if (error !== undefined) log.warn("Watching failed", { kind: plural, error });
        },
      },
      (changed, afterMs) => this.#lead?.queue.add(changed, afterMs),
    );
    const lease = leaderLeaseOf(config, namespace);
    this.#neighbours = new Neighbours({
      own: `${lease.namespace}/${lease.name}`,
      watches: config.namespace,
      clock,
    });
    this.#watched.leaders.onChange((change) => this.#neighbours.see(change));
    this.#election = new LeaderElection({
      connection,
      ...lease,
      identity,
      clock,
      random,
      onTrouble: (error) => log.warn("Renewing the leader's Lease failed", { error }),
    });
  }

  get whenLost(): Promise<void> {
    return this.#lost.promise;
  }

  isReady(): boolean {
    return this.#isSynced;
  }

  isLeading(): boolean {
    return this.#lead !== undefined;
  }

  metricsText(): Promise<string> {
    return this.#metrics.text();
  }

  start(): void {
    this.#watched.start();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (await endsWithin(stopMs, this.#end())) return;
    this.#options.log.warn("Giving up on stopping in good order", { duration_ms: stopMs });
  }

  async #end(): Promise<void> {
    await this.#lead?.stop();
    this.#lead = undefined;
    await this.#election.release();
    await this.#watched.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#stopping.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#watched.whenSynced(), stopped]);
    if (this.#stopping.signal.aborted) return;
    this.#isSynced = true;
    const { log, identity } = this.#options;
    log.info("Waiting to lead", { name: identity });
    if (!(await this.#election.acquire())) return;
    log.info("Leading", { name: identity });
    const leads = () => this.#election.leads;
    this.#lead = new Lead(this.#options, {
      watched: this.#watched,
      neighbours: this.#neighbours,
      metrics: this.#metrics,
      leads,
    });
    for (const namespace of this.#watched.namespaces()) this.#lead.queue.add(namespace);
    await this.#election.hold();
    if (this.#stopping.signal.aborted) return;
    log.error("Losing the leader's Lease", { name: identity });
    const lead = this.#lead;
    this.#lead = undefined;
    lead?.resign();
    this.#lost.resolve();
  }
}

interface LeadParts {
  watched: Watched;
  neighbours: Neighbours;
  metrics: OperatorMetrics;
  /** Whether the Lease is held at this moment. */
  leads: () => boolean;
}

/** All that a leader has and a standby has not. */
class Lead {
  readonly queue: WorkQueue;
  readonly #statuses: StatusWriter;
  readonly #desk: NewsDesk;
  readonly #over = new AbortController();

  constructor(options: OperatorOptions, { watched, neighbours, metrics, leads }: LeadParts) {
    const { config, namespace, identity, clock, random, log } = options;
    // By the clock as well: a process that stood still has lost the Lease before it hears of it.
    const connection = whileLeading(options.connection, { leads, over: this.#over.signal });
    const events = new EventRecorder({
      connection,
      controller: "switchyard.dev/operator",
      instance: identity,
      clock,
      onTrouble: (error) => log.warn("Writing an Event failed", { error }),
    });
    this.#desk = new NewsDesk((news) => events.record(news));
    const onNews = (news: EventNews) => this.#desk.tell(news);
    this.#statuses = new StatusWriter({
      connection,
      clock,
      random,
      log,
      current: (object) => currentOf(watched, object),
      onNews,
      onWritten: () => metrics.statusWritten(),
    });
    for (const store of Object.values(watched.resources)) {
      store.onChange(({ before, after }) => {
        if (after === undefined && before !== undefined) this.#statuses.forget(before);
      });
    }
    const { image, jobsImage, imagePullPolicy, imagePullSecrets } = config;
    const operator = { image, jobsImage, imagePullPolicy, imagePullSecrets, namespace };
    const reconciler = new NamespaceReconciler({
      connection,
      config,
      watched,
      statuses: this.#statuses,
      clock,
      log,
      metrics,
      operator,
      models: new ModelReader(options.inspectModel),
      onNews,
    });
    const left = new LeftNamespaces({ neighbours, watched, log, metrics, onNews });
    this.queue = new WorkQueue({
      work: async (key) => {
        if (left.has(key)) {
          reconciler.letGo(key);
          this.queue.add(key, leftMs);
          return;
        }
        const began = clock.elapsed();
        const again = await reconciler.reconcile(key);
        metrics.reconciled((clock.elapsed() - began) / 1_000);
        if (again !== undefined) this.queue.add(key, again);
      },
      onError: (key, error) => {
        metrics.reconcileFailed();
        log.error("Reconciling a namespace failed", { namespace: key, error });
      },
      random,
      pauseMs,
      concurrency,
    });
  }

  /** Writes nothing from now on, whatever is under way. */
  resign(): void {
    this.#over.abort();
    void this.stop();
  }

  /** Ends what is under way, within `finishMs`: from then on it is cut off, and nothing is written. */
  async stop(): Promise<void> {
    const ended = Promise.all([this.queue.stop(), this.#statuses.stop()]);
    await endsWithin(finishMs, ended);
    this.#desk.close();
    this.#over.abort();
  }
}

function currentOf(watched: Watched, { kind, metadata }: KubeObject): KubeObject | undefined {
  if (!isKind(kind)) return undefined;
  const current = watched.resources[kind].get(`${metadata.namespace ?? ""}/${metadata.name}`);
  return current?.metadata.uid === metadata.uid ? current : undefined;
}

/** Whether it ends in time; where it does not, it goes on. */
async function endsWithin(ms: number, ending: Promise<unknown>): Promise<boolean> {
  const inTime = new AbortController();
  const late = pause(ms, false, { signal: inTime.signal }).catch(() => false);
  const ended = await Promise.race([ending.then(() => true), late]);
  inTime.abort();
  return ended;
}
