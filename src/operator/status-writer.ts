import { isKind } from "../api/index.ts";
import {
  applyObject,
  KubeError,
  keyOf,
  resourceTypes,
  WorkQueue,
  type Connection,
  type EventNews,
  type KubeObject,
} from "../kube/index.ts";
import type { Clock, Random } from "../lib/index.ts";
import type { Log } from "../telemetry/index.ts";
import { fieldManager } from "./group.ts";
import { changeOf, isSameStatus, newsOf, withTimesOf } from "./status/compare-status.ts";
import { ownStatus } from "./status/draft-status.ts";
import type { ResourceStatus } from "./status/status.ts";
import { WritePace } from "./status/write-pace.ts";

interface Options {
  connection: Connection;
  clock: Pick<Clock, "elapsed">;
  random: Random;
  log: Log;
  /** The resource as the cluster was last seen to hold it. */
  current: (resource: KubeObject) => KubeObject | undefined;
  onNews: (news: EventNews) => void;
  onWritten: () => void;
}

interface Entry {
  object: KubeObject;
  /** What is to be written; undefined once it is. */
  draft: ResourceStatus | undefined;
  /** Not before this is it written, by the clock. */
  dueAt: number;
  pace: WritePace;
  /** What was written, and the version that the store showed then: until it shows another, this holds. */
  written: { status: ResourceStatus; seen: string | undefined } | undefined;
}

const writesAtOnce = 8;

/**
 * The only hand that writes statuses: the last draft of each resource, beside the reconciles, so that
 * 2,000 statuses to write do not hold up the next table. What equals the status there is not written.
 */
export class StatusWriter {
  readonly #options: Options;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: WorkQueue;

  constructor(options: Options) {
    this.#options = options;
    this.#queue = new WorkQueue({
      work: (key) => this.#write(key),
      onError: (key, error) => options.log.warn("Writing a status failed", { name: key, error }),
      random: options.random,
      concurrency: writesAtOnce,
    });
  }

  /** The status that a resource has, or is about to have. */
  known(object: KubeObject): ResourceStatus | undefined {
    return this.#entryOf(object)?.draft ?? this.#present(object);
  }

  /** Has a status written, unless the resource has it. A later draft takes the place of an earlier one. */
  offer(object: KubeObject, given: ResourceStatus): void {
    const present = this.#present(object);
    const draft = withTimesOf(present, given);
    const entry = this.#entryOf(object);
    if (isSameStatus(present, draft)) {
      if (entry !== undefined) entry.draft = undefined;
      return;
    }
    const key = statusKey(object);
    const now = this.#options.clock.elapsed();
    const { written, pace = new WritePace() } = entry ?? {};
    const change = changeOf(present, draft);
    const delayMs = pace.delayMs(change, now);
    // Figures that change again and again wait no longer for it.
    const waits = entry?.draft !== undefined && changeOf(present, entry.draft) === change;
    const dueAt = waits ? Math.min(entry.dueAt, now + delayMs) : now + delayMs;
    this.#entries.set(key, { object, draft, dueAt, pace, written });
    this.#queue.add(key, dueAt - now);
  }

  /** Forgets a resource that is gone. */
  forget(object: KubeObject): void {
    this.#entries.delete(statusKey(object));
  }

  async stop(): Promise<void> {
    await this.#queue.stop();
  }

  #entryOf(object: KubeObject): Entry | undefined {
    const entry = this.#entries.get(statusKey(object));
    return entry?.object.metadata.uid === object.metadata.uid ? entry : undefined;
  }

  #present(object: KubeObject): ResourceStatus | undefined {
    const written = this.#entryOf(object)?.written;
    const current = this.#options.current(object) ?? object;
    return written !== undefined && written.seen === current.metadata.resourceVersion
      ? written.status
      : ownStatus(current["status"]);
  }

  async #write(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry?.draft === undefined) return;
    const { object, draft, dueAt, pace } = entry;
    const now = this.#options.clock.elapsed();
    // It was asked for by an earlier draft, and timers fire a little early.
    if (now + 1 < dueAt) return this.#queue.add(key, dueAt - now);
    const before = this.#present(object);
    if (isSameStatus(before, draft)) {
      entry.draft = undefined;
      return;
    }
    const seen = this.#options.current(object)?.metadata.resourceVersion;
    await this.#apply(object, draft);
    pace.note(changeOf(before, draft), now);
    const latest = this.#entries.get(key);
    if (latest === undefined) return;
    latest.written = { status: draft, seen };
    if (latest.draft === draft) latest.draft = undefined;
    for (const news of newsOf(object, before, draft)) this.#options.onNews(news);
  }

  async #apply(object: KubeObject, status: ResourceStatus): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    const { name, namespace, uid } = metadata;
    if (!isKind(kind)) return;
    try {
      await applyObject(
        // The uid keeps a deleted resource from being made again.
        {
          apiVersion,
          kind,
          metadata: { name, ...(namespace && { namespace }), ...(uid && { uid }) },
          status,
        },
        {
          connection: this.#options.connection,
          type: resourceTypes[kind],
          fieldManager,
          subresource: "status",
        },
      );
      this.#options.onWritten();
    } catch (error) {
      // Deleted, or deleted and made again: the new one gets a status of its own.
      const isGone =
        error instanceof KubeError && (error.code === "NotFound" || error.code === "Conflict");
      if (!isGone) throw error;
      this.#entries.delete(statusKey(object));
    }
  }
}

const statusKey = (object: KubeObject): string => `${object.kind} ${keyOf(object)}`;
