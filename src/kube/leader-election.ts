import { setTimeout as pause } from "node:timers/promises";
import type { Clock, Random } from "../lib/index.ts";
import { KubeError } from "./kube-error.ts";
import {
  claimedSpec,
  createLease,
  readLease,
  replaceLease,
  type Lease,
  type LeasePlace,
  type LeaseSpec,
} from "./lease.ts";
import { microTime } from "./micro-time.ts";

export interface ElectionOptions extends LeasePlace {
  /** Unique to this process. */
  identity: string;
  clock: Clock;
  random: Random;
  onTrouble?: (error: unknown) => void;
  timing?: Partial<Timing>;
}

interface Timing {
  /** Whole seconds without a renewal after which others may take the lease. */
  durationSeconds: number;
  /** Milliseconds without a renewal after which a leader leads no more: well before that. */
  renewMs: number;
  /** Milliseconds between attempts. */
  retryMs: number;
}

/** client-go's defaults. */
const usualTiming: Timing = { durationSeconds: 15, renewMs: 10_000, retryMs: 2_000 };

/** Nobody waits longer for one that goes. */
const releaseMs = 3_000;

/** Elects one leader among processes that share a Lease. */
export class LeaderElection {
  readonly #options: ElectionOptions;
  readonly #timing: Timing;
  readonly #stop = new AbortController();
  /** The last version seen, and when by our own clock: the holder's clock is never believed. */
  #seen: { version: string; at: number } | undefined;
  /**
   * When the request of the last renewal was sent. Others count from when they see it, which is later:
   * so this process knows before them that its time is over.
   */
  #renewedAt = Number.NEGATIVE_INFINITY;
  #attempting: Promise<boolean> | undefined;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#timing = { ...usualTiming, ...options.timing };
  }

  /** Whether this process leads at this very moment, by its own clock. */
  get leads(): boolean {
    return this.#leftMs() > 0;
  }

  /** Resolves with true once this process leads, and with false where it is released before. */
  async acquire(): Promise<boolean> {
    const { retryMs, renewMs } = this.#timing;
    while (!this.#stop.signal.aborted) {
      if (await this.#attempt(renewMs)) return true;
      await this.#wait(retryMs * (1 + this.#options.random() / 5));
    }
    return false;
  }

  /**
   * Keeps the lease. Resolves when it is lost or given up: whoever led must act as leader no more,
   * and had better exit.
   */
  async hold(): Promise<void> {
    while (this.leads && !this.#stop.signal.aborted) {
      await this.#wait(Math.min(this.#timing.retryMs, this.#leftMs()));
      // An attempt that takes longer would leave this process leading when another may.
      if (this.leads) await this.#attempt(this.#leftMs());
    }
  }

  /**
   * Stops, and lets the next one lead at once if this process did: it must have stopped acting as
   * leader before.
   */
  async release(): Promise<void> {
    this.#stop.abort();
    await this.#attempting;
    this.#renewedAt = Number.NEGATIVE_INFINITY;
    if (this.#attempting === undefined) return;
    await this.#giveUp().catch((error: unknown) => this.#options.onTrouble?.(error));
  }

  async #giveUp(): Promise<void> {
    const signal = AbortSignal.timeout(releaseMs);
    // An attempt that was cut off may have been written all the same.
    const lease = await readLease(this.#options, signal);
    if (lease?.spec?.holderIdentity !== this.#options.identity) return;
    const spec: LeaseSpec = {
      ...lease.spec,
      holderIdentity: "",
      leaseDurationSeconds: 1,
      renewTime: this.#now(),
    };
    await replaceLease(this.#options, { ...lease, spec }, signal);
  }

  #leftMs(): number {
    return this.#renewedAt + this.#timing.renewMs - this.#options.clock.elapsed();
  }

  /** Whether the lease is ours after this. */
  async #attempt(timeoutMs: number): Promise<boolean> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(Math.ceil(timeoutMs))]);
    this.#attempting = this.#tryToTake(signal);
    return this.#attempting;
  }

  async #tryToTake(signal: AbortSignal): Promise<boolean> {
    try {
      const lease = await readLease(this.#options, signal);
      if (lease !== undefined && !this.#mayTake(lease)) {
        this.#renewedAt = Number.NEGATIVE_INFINITY;
        return false;
      }
      const sentAt = this.#options.clock.elapsed();
      await this.#take(lease, signal);
      this.#renewedAt = sentAt;
      return true;
    } catch (error) {
      // That somebody else was quicker is seen at the next attempt.
      if (!isRaceLost(error) && !this.#stop.signal.aborted) this.#options.onTrouble?.(error);
      return false;
    }
  }

  #mayTake(lease: Lease): boolean {
    const { clock, identity } = this.#options;
    const holder = lease.spec?.holderIdentity ?? "";
    if (holder === "" || holder === identity) return true;
    const version = lease.metadata.resourceVersion ?? "";
    if (this.#seen?.version !== version) this.#seen = { version, at: clock.elapsed() };
    const seconds = lease.spec?.leaseDurationSeconds ?? this.#timing.durationSeconds;
    return clock.elapsed() - this.#seen.at > seconds * 1_000;
  }

  async #take(lease: Lease | undefined, signal: AbortSignal): Promise<void> {
    const { identity } = this.#options;
    const { durationSeconds } = this.#timing;
    const spec = claimedSpec(lease?.spec, { identity, durationSeconds, now: this.#now() });
    if (lease === undefined) await createLease(this.#options, spec, signal);
    else await replaceLease(this.#options, { ...lease, spec }, signal);
  }

  #now(): string {
    return microTime(this.#options.clock.now());
  }

  async #wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

function isRaceLost(error: unknown): boolean {
  return (
    error instanceof KubeError && (error.code === "Conflict" || error.code === "AlreadyExists")
  );
}
