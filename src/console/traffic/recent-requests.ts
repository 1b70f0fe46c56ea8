import type { RequestRecord } from "../../records/index.ts";
import { outcomeOf } from "../../telemetry/index.ts";
import { RecordRing, type Kept, type RingBounds } from "./record-ring.ts";

/** No more than 200 of them: a person looks at these. */
const plainBounds: RingBounds = { records: 120, bytes: 1024 * 1024 };
const notableBounds: RingBounds = { records: 80, bytes: 1024 * 1024 };

/**
 * The last requests of a router. Those that went other than planned have places of their own: among
 * thousands a second the one that failed would be gone before anybody could look at it.
 */
export class RecentRequests {
  readonly #plain: RecordRing;
  readonly #notable: RecordRing;
  #order = 0;

  constructor(plain = plainBounds, notable = notableBounds) {
    this.#plain = new RecordRing(plain);
    this.#notable = new RecordRing(notable);
  }

  add(record: RequestRecord): void {
    this.#order += 1;
    const ring = isNotable(record) ? this.#notable : this.#plain;
    ring.add(this.#order, record);
  }

  /** The newest first. */
  all(): RequestRecord[] {
    const kept = [...this.#plain.all(), ...this.#notable.all()];
    return kept.toSorted(byOrder).map(({ record }) => record);
  }
}

const byOrder = (left: Kept, right: Kept): number => right.order - left.order;

/** Whether anything in it went other than the first candidate's plain answer. */
export function isNotable(record: RequestRecord): boolean {
  if (record.attempts.length > 1 || record.fallback_reason !== null) return true;
  if (record.envelope_missed || outcomeOf(record) !== "answered") return true;
  if (record.safety !== null && record.safety.action !== "allow") return true;
  return record.limits !== null && record.limits.action !== "allow";
}
