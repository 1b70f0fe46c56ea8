import type { Clock } from "../../../lib/index.ts";
import { settledMs } from "../limit-store.ts";

/** Something that the store is to be told, and that may be told twice. */
export interface Message {
  /** Whose counters it changes. */
  tenant: string;
  send: () => Promise<unknown>;
}

interface Waiting extends Message {
  /** By the clock's `elapsed()`; undefined as long as it has certainly not arrived. */
  firstSentAt: number | undefined;
  wasRefused: boolean;
}

export type LossReason = "full" | "refused" | "unsure";

export interface OutboxSettings {
  clock: Clock;
  /** Whether it is worth while to send anything. */
  isOpen: () => boolean;
  onLoss: (reason: LossReason) => void;
  /** Told of every failure; says whether the message itself is at fault, and is not to be sent again. */
  onFailure: (message: Message, error: unknown) => Promise<boolean>;
  most?: number;
}

/** More would only queue in the connection. */
const atOnce = 128;

/** Some 300 bytes each. */
const mostWaiting = 100_000;

/** Messages to a store that may be away: each is sent until it has arrived, as long as it is sure to count once. */
export class Outbox {
  readonly #settings: OutboxSettings;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  #emptied: (() => void) | undefined;

  constructor(settings: OutboxSettings) {
    this.#settings = settings;
  }

  /** How many have not arrived, as far as is known. */
  get size(): number {
    return this.#waiting.length + this.#underWay;
  }

  add(message: Message): void {
    if (this.size >= (this.#settings.most ?? mostWaiting)) {
      this.#settings.onLoss("full");
      return;
    }
    this.#waiting.push({ ...message, firstSentAt: undefined, wasRefused: false });
    this.pump();
  }

  /** Sends what waits, if it may. To be called when the store is back. */
  pump(): void {
    while (this.#underWay < atOnce && this.#settings.isOpen()) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      if (this.#mayCountTwice(next)) this.#settings.onLoss("unsure");
      else void this.#send(next);
    }
    if (this.size === 0) this.#emptied?.();
  }

  /** Resolves once nothing is left, or the time is over. */
  async flush(ms: number): Promise<void> {
    if (this.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#emptied = resolve;
    this.pump();
    await promise;
    clearTimeout(timer);
  }

  async #send(message: Waiting): Promise<void> {
    this.#underWay += 1;
    message.firstSentAt ??= this.#settings.clock.elapsed();
    try {
      await message.send();
    } catch (error) {
      const isAtFault = await this.#settings.onFailure(message, error);
      // The store may have come back between its error and the look at it.
      if (isAtFault && message.wasRefused) this.#settings.onLoss("refused");
      else this.#waiting.push({ ...message, wasRefused: isAtFault });
    }
    this.#underWay -= 1;
    this.pump();
  }

  /** The store forgets in time which attempts are settled: well before that a repetition ends. */
  #mayCountTwice({ firstSentAt }: Waiting): boolean {
    return (
      firstSentAt !== undefined && this.#settings.clock.elapsed() - firstSentAt > settledMs / 2
    );
  }
}
