import { setTimeout as pause } from "node:timers/promises";
import type { Clock, Random } from "../lib/index.ts";
import type { Connection } from "./connection.ts";
import { KubeError } from "./kube-error.ts";
import type { KubeObject } from "./kube-object.ts";
import { microTime } from "./micro-time.ts";
import { apiVersionOf, pathOf, resourceTypes } from "./resource-types.ts";

export interface ElectionOptions {
  connection: Connection;
  namespace: string;
  name: string;
  /** Unique to this process. */
  identity: string;
  clock: Clock;
  random: Random;
  onTrouble?: (error: unknown) => void;
}

interface LeaseSpec {
  holderIdentity?: string | null;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

type Lease = KubeObject & { spec?: LeaseSpec };

/** client-go's defaults: a leader that cannot renew for `renewMs` gives up before another takes over. */
const durationSeconds = 15;
const renewMs = 10_000;
const retryMs = 2_000;

const type = resourceTypes.Lease;

/** Elects one leader among processes that share a Lease. */
export class LeaderElection {
  readonly #options: ElectionOptions;
  readonly #stop = new AbortController();
  /** The last version seen, and when by our own clock: the holder's clock is never believed. */
  #seen: { version: string; at: number } | undefined;
  #held: Lease | undefined;

  constructor(options: ElectionOptions) {
    this.#options = options;
  }

  /** Resolves once this process leads; never, if it is stopped before. */
  async acquire(): Promise<boolean> {
    while (!this.#stop.signal.aborted) {
      if (await this.#attempt()) return true;
      await this.#wait(retryMs * (1 + this.#options.random() / 5));
    }
    return false;
  }

  /**
   * Keeps the lease. Resolves when it is lost or given up: whoever led must act as leader no more,
   * and had better exit.
   */
  async hold(): Promise<void> {
    let renewedAt = this.#options.clock.elapsed();
    while (!this.#stop.signal.aborted) {
      await this.#wait(retryMs);
      if (this.#stop.signal.aborted) return;
      if (await this.#attempt()) renewedAt = this.#options.clock.elapsed();
      else if (this.#held === undefined || this.#options.clock.elapsed() - renewedAt > renewMs)
        return;
    }
  }

  /** Stops, and lets the next one lead at once if this process did. */
  async release(): Promise<void> {
    this.#stop.abort();
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    const spec = {
      ...held.spec,
      holderIdentity: "",
      leaseDurationSeconds: 1,
      renewTime: this.#now(),
    };
    await this.#put({ ...held, spec }).catch(this.#options.onTrouble);
  }

  /** Whether the lease is ours after this. */
  async #attempt(): Promise<boolean> {
    try {
      const lease = await this.#read();
      if (lease === undefined) return await this.#create();
      if (!this.#mayTake(lease)) {
        this.#held = undefined;
        return false;
      }
      return await this.#take(lease);
    } catch (error) {
      // Somebody else was quicker, or the API server is away: both are seen at the next attempt.
      if (!(error instanceof KubeError && error.code === "Conflict"))
        this.#options.onTrouble?.(error);
      return false;
    }
  }

  #mayTake(lease: Lease): boolean {
    const { clock, identity } = this.#options;
    const holder = lease.spec?.holderIdentity ?? "";
    if (holder === "" || holder === identity) return true;
    const version = lease.metadata.resourceVersion ?? "";
    if (this.#seen?.version !== version) this.#seen = { version, at: clock.elapsed() };
    const lifetime = (lease.spec?.leaseDurationSeconds ?? durationSeconds) * 1_000;
    return clock.elapsed() - this.#seen.at > lifetime;
  }

  async #read(): Promise<Lease | undefined> {
    const { connection, namespace, name } = this.#options;
    try {
      return await connection.json<Lease>({
        method: "GET",
        path: pathOf(type, { namespace, name }),
      });
    } catch (error) {
      if (error instanceof KubeError && error.code === "NotFound") return undefined;
      throw error;
    }
  }

  async #create(): Promise<boolean> {
    const { connection, namespace, name, identity } = this.#options;
    const now = this.#now();
    const spec: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: durationSeconds,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
    const body = {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: { name, namespace },
      spec,
    };
    this.#held = await connection.json<Lease>({
      method: "POST",
      path: pathOf(type, { namespace }),
      body,
    });
    return true;
  }

  async #take(lease: Lease): Promise<boolean> {
    const { identity } = this.#options;
    const now = this.#now();
    const mine = lease.spec?.holderIdentity === identity;
    const spec: LeaseSpec = {
      ...lease.spec,
      holderIdentity: identity,
      leaseDurationSeconds: durationSeconds,
      renewTime: now,
      ...(mine
        ? {}
        : { acquireTime: now, leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1 }),
    };
    this.#held = await this.#put({ ...lease, spec });
    return true;
  }

  /** The version that was read goes with it: of two that write, one gets a Conflict. */
  #put(lease: Lease): Promise<Lease> {
    const { connection, namespace, name } = this.#options;
    return connection.json<Lease>({
      method: "PUT",
      path: pathOf(type, { namespace, name }),
      body: lease,
    });
  }

  #now(): string {
    return microTime(this.#options.clock.now());
  }

  async #wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
