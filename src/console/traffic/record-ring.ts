import type { RequestRecord } from "../../records/index.ts";

export interface RingBounds {
  records: number;
  bytes: number;
}

/** A record with its place among all that the router has written. */
export interface Kept {
  order: number;
  record: RequestRecord;
}

/**
 * The last records, bounded by their number and by about how much memory they hold. It keeps the very
 * objects that were made anyway: adding one is a few stores into slots that are there.
 */
export class RecordRing {
  readonly #records: (RequestRecord | undefined)[];
  readonly #orders: Float64Array;
  readonly #sizes: Float64Array;
  readonly #mostBytes: number;
  #oldest = 0;
  #count = 0;
  #bytes = 0;

  constructor({ records, bytes }: RingBounds) {
    this.#records = Array.from({ length: records }, () => undefined);
    this.#orders = new Float64Array(records);
    this.#sizes = new Float64Array(records);
    this.#mostBytes = bytes;
  }

  add(order: number, record: RequestRecord): void {
    if (this.#count === this.#records.length) this.#forgetOldest();
    const slot = (this.#oldest + this.#count) % this.#records.length;
    const size = sizeOf(record);
    this.#records[slot] = record;
    this.#orders[slot] = order;
    this.#sizes[slot] = size;
    this.#count += 1;
    this.#bytes += size;
    while (this.#bytes > this.#mostBytes && this.#count > 0) this.#forgetOldest();
  }

  /** The oldest first. */
  all(): Kept[] {
    const kept: Kept[] = [];
    for (let index = 0; index < this.#count; index += 1) {
      const slot = (this.#oldest + index) % this.#records.length;
      const record = this.#records[slot];
      if (record !== undefined) kept.push({ order: this.#orders[slot] ?? 0, record });
    }
    return kept;
  }

  #forgetOldest(): void {
    this.#bytes -= this.#sizes[this.#oldest] ?? 0;
    this.#records[this.#oldest] = undefined;
    this.#oldest = (this.#oldest + 1) % this.#records.length;
    this.#count -= 1;
  }
}

const perRecord = 1_800;
const perAttempt = 500;
const perEstimate = 250;
const perLine = 400;
const perName = 64;

/** About how many bytes a record holds, from what it has how many of: to walk it through would cost more than it tells. */
function sizeOf(record: RequestRecord): number {
  const names = record.unfamiliar.length + record.would_refuse.length + record.would_divert.length;
  return (
    perRecord +
    perAttempt * record.attempts.length +
    perEstimate * record.estimates.length +
    perLine * record.ledger.length +
    perName * (names + (record.safety?.rule_ids.length ?? 0)) +
    2 * ((record.request_model?.length ?? 0) + (record.response_model?.length ?? 0))
  );
}
