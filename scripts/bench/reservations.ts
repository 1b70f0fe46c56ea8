// What it costs to hold an attempt against its tenant's limits, by itself: without a router around it.
import { systemClock } from "../../src/lib/index.ts";
import {
  MemoryLimitStore,
  TenantLimits,
  type LimitStore,
  type RedisLimitStore,
} from "../../src/tenancy/index.ts";
import type { TenantEntry } from "../../src/table/index.ts";
import { startRedis } from "../../test/support/redis/redis-server.ts";
import { openRedisStore } from "../../test/support/limits/redis-stores.ts";
import { tenantEntry } from "../../test/unit/tenancy/sample-entries.ts";
import type { Compared } from "./comparisons.ts";
import { spreadOf } from "./report.ts";

export interface Reservations {
  /** Of a decision in the router's memory. */
  reserveMemoryP50Us: Compared;
  reserveMemoryP99Us: Compared;
  /** Of one by a Redis on loopback, with its round trip. */
  reserveRedisP50Ms: Compared;
  reserveRedisP99Ms: Compared;
}

const looks = 5;
const decisions = 4_000;
/** Some thousands a second; with more at once it is the server's queue that is measured. */
const atOnce = 2;

/** Every kind of limit, none of which refuses. */
const tenant = (index: number): TenantEntry =>
  tenantEntry(`tenant-${index}`, {
    budgets: [
      { window: "Hour", timeZone: "Europe/Zurich", tokens: 1e12, onExceeded: "Reject" },
      { window: "Month", timeZone: "UTC", microUsd: 1e12, onExceeded: "Downgrade" },
    ],
    rateLimits: { requestsPerMinute: 1e9, tokensPerMinute: 1e9, concurrent: 1e6 },
  });

const tenants = Array.from({ length: 50 }, (_, index) => tenant(index));
const amounts = { nanoUsd: 125_000, tokens: 900 };
const used = { nanoUsd: 71_000, tokens: 480 };

/** Milliseconds of each decision; what was reserved is settled outside of the time. */
async function timesOf(limits: TenantLimits): Promise<number[]> {
  const times: number[] = [];
  let left = decisions;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const asker = { namespace: "bench", tenant: tenants[left % tenants.length] ?? tenant(0) };
      const began = performance.now();
      const answer = limits.reserve(
        asker,
        { amounts, cheapest: () => amounts, leaseMs: 60_000 },
        true,
      );
      const reserved = answer instanceof Promise ? await answer : answer;
      times.push(performance.now() - began);
      if (reserved?.verdict.kind !== "judged") throw new Error("The store did not count");
      reserved.reservation?.settle(used);
      reserved.reservation?.release();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return times.toSorted((one, other) => one - other);
}

async function percentilesOf(store: LimitStore, scale: number) {
  const limits = new TenantLimits(store, systemClock);
  await timesOf(limits);
  const rounds: number[][] = [];
  for (let look = 0; look < looks; look += 1) rounds.push(await timesOf(limits));
  const at = (share: number) =>
    spreadOf(rounds.map((times) => (times[Math.floor(times.length * share)] ?? NaN) * scale));
  return { p50: at(0.5), p99: at(0.99) };
}

export async function measureReservations(): Promise<Reservations> {
  const memory = await percentilesOf(new MemoryLimitStore(systemClock), 1_000);
  const redis = await redisPercentiles().catch((error: unknown) => {
    const missing = error instanceof Error ? error.message : String(error);
    return { p50: { missing }, p99: { missing } };
  });
  return {
    reserveMemoryP50Us: memory.p50,
    reserveMemoryP99Us: memory.p99,
    reserveRedisP50Ms: redis.p50,
    reserveRedisP99Ms: redis.p99,
  };
}

async function redisPercentiles() {
  const server = await startRedis();
  let store: RedisLimitStore | undefined;
  try {
    store = await openRedisStore(server);
    return await percentilesOf(store, 1);
  } finally {
    await store?.close();
    await server.stop();
  }
}
