import type { Clock } from "../../../lib/index.ts";
import type { Claim, ClaimReply, LimitStore, Settlement } from "../limit-store.ts";
import { claimArguments, clockOf, readClaimReply, settlementArguments } from "./arguments.ts";
import { connectRedis, type RedisConnection, type RedisSettings, type Word } from "./connection.ts";
import { Outbox, type LossReason } from "./outbox.ts";
import { keysOf, probeKeyOf, type scripts } from "./scripts.ts";
import { StoreCircuit } from "./store-circuit.ts";

/** Told of what becomes of the store; for metrics and the log. */
export interface StoreObserver {
  called: (operation: "admit" | "settle", ms: number, failed: boolean) => void;
  /** Once for each change. */
  away: (isAway: boolean, reason: string) => void;
  /** The store works, but not for this tenant. Once a minute. */
  refused: (tenant: string, reason: string) => void;
  lost: (reason: LossReason) => void;
}

/** How long a router that stops waits for its last settlements. */
const flushMs = 2_000;

const tellEveryMs = 60_000;

/** Counts in Redis or Valkey, for all routers that use the same one. */
export class RedisLimitStore implements LimitStore {
  readonly #settings: RedisSettings;
  readonly #clock: Clock;
  readonly #observer: StoreObserver;
  readonly #connection: RedisConnection;
  readonly #circuit: StoreCircuit;
  readonly #outbox: Outbox;
  /** The server's clock less ours. */
  #offsetMs = 0;
  readonly #toldOf = new Map<string, number>();

  private constructor(
    settings: RedisSettings,
    connection: RedisConnection,
    clock: Clock,
    observer: StoreObserver,
  ) {
    this.#settings = settings;
    this.#connection = connection;
    this.#clock = clock;
    this.#observer = observer;
    this.#circuit = new StoreCircuit({
      probe: (tenant) => this.#connection.probe(probeKeyOf(settings.keyPrefix, tenant)),
      onChange: (isOpen, reason) => {
        observer.away(isOpen, reason);
        this.#outbox.pump();
      },
    });
    this.#outbox = new Outbox({
      clock,
      isOpen: () => !this.#circuit.isOpen,
      onFailure: ({ tenant }, error) => this.#judge(tenant, error),
      onLoss: observer.lost,
    });
  }

  /** Begins to connect; until that has come about the store is away. */
  static async open(
    settings: RedisSettings,
    clock: Clock,
    observer: StoreObserver,
  ): Promise<RedisLimitStore> {
    return new RedisLimitStore(settings, await connectRedis(settings), clock, observer);
  }

  /** Whether it is not asked, and how many messages to it have not arrived, as far as is known. */
  reading(): { isAway: boolean; unsettled: number } {
    return { isAway: this.#circuit.isOpen, unsettled: this.#outbox.size };
  }

  now(): number {
    return this.#clock.now() + this.#offsetMs;
  }

  async admit(claim: Claim): Promise<ClaimReply> {
    if (this.#circuit.isOpen) return { kind: "unavailable", asked: false };
    try {
      const words = claimArguments(claim);
      return readClaimReply(await this.#run("admit", claim.tenant, words));
    } catch (error) {
      void this.#judge(claim.tenant, error);
      return { kind: "unavailable", asked: true };
    }
  }

  settle(settlement: Settlement): void {
    const { tenant } = settlement;
    const words = settlementArguments(settlement);
    this.#outbox.add({ tenant, send: () => this.#run("settle", tenant, words) });
  }

  release(tenant: string, attempt: string): void {
    const [, , , open = ""] = this.#keys(tenant);
    this.#outbox.add({ tenant, send: () => this.#connection.remove(open, attempt) });
  }

  async close(): Promise<void> {
    await this.#outbox.flush(flushMs);
    this.#circuit.close();
    this.#connection.close();
  }

  /** @returns whether the fault is that of the tenant's own keys */
  async #judge(tenant: string, error: unknown): Promise<boolean> {
    const isOwn = await this.#circuit.noteFailure(error, tenant);
    if (isOwn) this.#tell(tenant, error);
    return isOwn;
  }

  #tell(tenant: string, error: unknown): void {
    const now = this.#clock.elapsed();
    if (now - (this.#toldOf.get(tenant) ?? -Infinity) < tellEveryMs) return;
    this.#toldOf.set(tenant, now);
    this.#observer.refused(tenant, error instanceof Error ? error.message : String(error));
  }

  #keys(tenant: string): string[] {
    return keysOf(this.#settings.keyPrefix, tenant);
  }

  async #run(
    script: keyof typeof scripts,
    tenant: string,
    words: readonly Word[],
  ): Promise<string[]> {
    const keys = this.#keys(tenant);
    const begun = this.#clock.elapsed();
    let failed = true;
    try {
      const reply = await this.#connection.run(script, keys, words);
      this.#offsetMs = clockOf(reply) - this.#clock.now();
      this.#circuit.noteAnswer();
      failed = false;
      return reply;
    } finally {
      this.#observer.called(script, this.#clock.elapsed() - begun, failed);
    }
  }
}
