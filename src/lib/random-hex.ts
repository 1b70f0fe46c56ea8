import { randomFillSync } from "node:crypto";

// Drawn in bulk: a request needs some fifty bytes, and a call for each few costs more than they do.
const pool = Buffer.allocUnsafe(8_192);
let used = pool.length;

/** So many random bytes, not all of them zero, as lower-case hex digits: for ids, not for secrets. */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  const id = pool.toString("hex", used - bytes, used);
  return /[^0]/.test(id) ? id : randomHex(bytes);
}
