import { emptyBucket, type Bucket } from "./leaky-bucket.ts";
import { lateMs, type Amounts, type WindowOfBudget } from "./limit-store.ts";

export interface Reservation {
  amounts: Amounts;
  windows: readonly WindowOfBudget[];
  /** Whether the minute's tokens hold it, too. */
  holdsTokens: boolean;
  /** By the store's clock. */
  until: number;
  /** Whether its lease has passed, and it is booked as it was reserved. */
  booked: boolean;
}

/** Nobody repeats what memory has taken at once, and ids cost memory: a moment is enough. */
const repeatMs = 30_000;

/** Looking at every lease is dear, and none of them ends for long before anybody notices. */
const sweepEveryMs = 100;

interface WindowCount {
  startsAt: number;
  endsAt: number;
  spent: number;
  reserved: number;
}

/** What one router's memory knows of a tenant. The shared store keeps the same under the tenant's keys. */
export class TenantCounters {
  requests: Bucket = emptyBucket;
  tokens: Bucket = emptyBucket;
  /** The open requests, by the attempt that let them in, and until when. */
  readonly open = new Map<string, number>();
  readonly #windows = new Map<string, WindowCount>();
  readonly #reservations = new Map<string, Reservation>();
  #settled = new Set<string>();
  #settledBefore = new Set<string>();
  #settledSince = 0;
  #sweptAt = -Infinity;

  /** Spent and reserved. */
  used(window: WindowOfBudget): number {
    const count = this.#windows.get(keyOf(window));
    return count === undefined ? 0 : count.spent + count.reserved;
  }

  reserve(attempt: string, reservation: Reservation): void {
    if (this.isSettled(attempt)) return;
    this.#reservations.set(attempt, reservation);
    for (const window of reservation.windows) {
      this.#count(window).reserved += reservation.amounts[window.unit];
    }
  }

  /** Takes a reservation out, booked or not. */
  take(attempt: string): Reservation | undefined {
    const reservation = this.#reservations.get(attempt);
    this.#reservations.delete(attempt);
    return reservation;
  }

  /** Books amounts in place of a reservation that was taken out. */
  replace({ windows, amounts: held, booked }: Reservation, amounts: Amounts): void {
    for (const window of windows) {
      const count = this.#windows.get(keyOf(window));
      if (count === undefined) continue;
      if (booked) count.spent += amounts[window.unit] - held[window.unit];
      else {
        count.reserved -= held[window.unit];
        count.spent += amounts[window.unit];
      }
    }
  }

  /** Books what was never reserved, where its window is still known or under way. */
  spend(windows: readonly WindowOfBudget[], amounts: Amounts, now: number): void {
    for (const window of windows) {
      if (!this.#windows.has(keyOf(window)) && now >= window.endsAt) continue;
      this.#count(window).spent += amounts[window.unit];
    }
  }

  /** Books what nobody has settled in time, and forgets what nobody has settled long after. */
  sweep(now: number): void {
    if (now - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = now;
    for (const [attempt, until] of this.open) {
      if (until <= now) this.open.delete(attempt);
    }
    for (const [attempt, reservation] of this.#reservations) {
      if (reservation.until > now) continue;
      if (reservation.booked) this.#reservations.delete(attempt);
      else {
        this.replace(reservation, reservation.amounts);
        this.#reservations.set(attempt, { ...reservation, booked: true, until: now + lateMs });
      }
    }
  }

  isSettled(attempt: string): boolean {
    return this.#settled.has(attempt) || this.#settledBefore.has(attempt);
  }

  noteSettled(attempt: string, now: number): void {
    if (now - this.#settledSince >= repeatMs) {
      this.#settledBefore = this.#settled;
      this.#settled = new Set();
      this.#settledSince = now;
    }
    this.#settled.add(attempt);
  }

  #count(window: WindowOfBudget): WindowCount {
    const key = keyOf(window);
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const { startsAt, endsAt } = window;
    for (const [other, { endsAt: ended }] of this.#windows) {
      // The window before stays for what is settled late.
      const longOver = ended < startsAt - (endsAt - startsAt);
      if (longOver && other.startsWith(`${window.id}@`)) this.#windows.delete(other);
    }
    const made = { startsAt, endsAt, spent: 0, reserved: 0 };
    this.#windows.set(key, made);
    return made;
  }
}

const keyOf = ({ id, startsAt }: WindowOfBudget): string => `${id}@${startsAt}`;
