import { setTimeout as sleep } from "node:timers/promises";
import { processUsage } from "../../../support/process-usage.ts";
import { counts } from "./counts.ts";
import type { Sample } from "./memory-trend.ts";
import { sendMutated, type Driven } from "./mutation-driver.ts";
import type { SoakStage } from "./stage.ts";
import { makeTraffic, type Traffic } from "./traffic.ts";

/** What a soak was made of, and how the router's memory was while it lasted. */
export interface Soaked {
  seconds: number;
  edits: number;
  traffic: Traffic;
  driven: Driven;
  /** Resident memory. */
  memory: readonly Sample[];
  /** Live objects once half of the mutated requests had been sent. */
  heapHalfwayMiB: number;
}

const seed = 20_270_304;
const lanes = { traffic: 12, mutated: 24 };
const editEveryMs = 1_000;

/** Everything at once, until all mutated requests are sent and the least time is over. */
export async function runSoak(stage: SoakStage): Promise<Soaked> {
  const startedAt = performance.now();
  const elapsedMs = (): number => performance.now() - startedAt;
  const done = new AbortController();
  const tooLong = AbortSignal.timeout(counts.mostSeconds * 1_000);
  const signal = AbortSignal.any([done.signal, tooLong]);
  const common = { url: stage.url, seed, signal };
  const memory: Sample[] = [];
  let edits = 0;
  const asking = makeTraffic({ ...common, lanes: lanes.traffic });
  const others = [
    every(counts.sampleMs, signal, async () => {
      memory.push({ atMs: elapsedMs(), mib: (await processUsage(stage.pid)).rssMiB });
    }),
    every(editEveryMs, signal, async () => stage.edit(++edits)),
  ];
  const half = { ...common, requests: counts.mutated / 2, lanes: lanes.mutated };
  const first = await sendMutated(half);
  const heapHalfwayMiB = await stage.inspector.heapMiB();
  const second = await sendMutated({ ...half, seed: seed + lanes.mutated });
  const restMs = Math.max(0, counts.leastSeconds * 1_000 - elapsedMs());
  await sleep(restMs, undefined, { signal }).catch(() => undefined);
  done.abort();
  const traffic = await asking;
  await Promise.all(others);
  const seconds = elapsedMs() / 1_000;
  return { seconds, edits, traffic, driven: addUp(first, second), memory, heapHalfwayMiB };
}

async function every(ms: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await act();
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}

function addUp(first: Driven, second: Driven): Driven {
  const sum = (of: "kinds" | "statuses"): Record<string, number> => {
    const sums = { ...first[of] };
    for (const [name, count] of Object.entries(second[of])) sums[name] = (sums[name] ?? 0) + count;
    return sums;
  };
  return {
    sent: first.sent + second.sent,
    connections: first.connections + second.connections,
    kinds: sum("kinds"),
    statuses: sum("statuses"),
  };
}
