import { setTimeout as sleep } from "node:timers/promises";
import { CallerPool } from "./caller-pool.ts";
import type { Target } from "./exchange.ts";
import type { Loaded } from "./job.ts";
import { Tally } from "./tally.ts";

/** So many requests a second for this time, evenly, whatever becomes of them. */
export async function openLoop(
  target: Target,
  perSecond: number,
  seconds: number,
): Promise<Loaded> {
  const tally = new Tally();
  const callers = new CallerPool(target, tally);
  const startedAt = performance.now();
  const count = Math.max(1, Math.floor(perSecond * seconds));
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, ((performance.now() - startedAt) * perSecond) / 1_000);
    for (; sent < due; sent += 1) callers.send();
    await sleep(1);
  }
  await callers.drain();
  return tally.over(seconds);
}
