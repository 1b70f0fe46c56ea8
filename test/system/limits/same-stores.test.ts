// The two stores say the same of the same claims, in whatever order these come: the script is a second writing of
// what memory does.
import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/lib/index.ts";
import {
  MemoryLimitStore,
  type BudgetCheck,
  type Claim,
  type LimitStore,
  type RedisLimitStore,
} from "../../../src/tenancy/index.ts";
import { budget, claim, counted, settlementOf } from "../../support/limits/claims.ts";
import { openRedisStore } from "../../support/limits/redis-stores.ts";
import { startRedis, type RedisServer } from "../../support/redis/redis-server.ts";

let server: RedisServer;
let redis: RedisLimitStore;

beforeAll(async () => {
  server = await startRedis();
  redis = await openRedisStore(server);
});

afterAll(async () => {
  await redis.close();
  await server.stop();
});

const amounts = fc.record({ nanoUsd: fc.nat(60), tokens: fc.nat(60) });
const bound = fc.option(fc.record({ max: fc.integer({ min: 1, max: 8 }), observed: fc.boolean() }));
const mode = fc.constantFrom("Reject" as const, "Downgrade" as const, "Observe" as const);

const budgets = fc
  .array(
    fc.record({
      mode,
      limit: fc.integer({ min: 0, max: 300 }),
      unit: fc.constantFrom("nanoUsd" as const, "tokens" as const),
      window: fc.constantFrom("Hour", "Day"),
      shift: fc.integer({ min: 0, max: 1 }),
    }),
    { maxLength: 3 },
  )
  .map((list) =>
    list.map(({ window, shift, unit, ...each }): BudgetCheck => {
      const { startsAt, endsAt } = budget(0);
      const place = { startsAt: startsAt + shift, endsAt: endsAt + shift };
      return { ...each, ...place, unit, id: `${window}|UTC|${unit}` };
    }),
  );

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("claim" as const),
      amounts,
      cheapest: fc.option(amounts),
      budgets,
      requests: bound,
      // So many in a minute that next to nothing runs out while the test runs.
      tokens: fc.option(
        fc.record({ max: fc.integer({ min: 1, max: 200 }), observed: fc.boolean() }),
      ),
      concurrent: bound,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), which: fc.nat(20), amounts }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), which: fc.nat(20) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Levels rounded up: what runs out between two steps is less than one. */
async function play(store: LimitStore, steps: readonly Step[]): Promise<unknown[]> {
  const tenant = `same/${randomUUID()}`;
  const claims: Claim[] = [];
  const said: unknown[] = [];
  for (const [index, each] of steps.entries()) {
    if (each.kind === "claim") {
      const { kind: _, ...asked } = each;
      const made = claim(tenant, { ...asked, attempt: `attempt-${index}` });
      claims.push(made);
      const { now: __, requestsLevel, tokensLevel, ...reply } = await counted(store, made);
      said.push({ ...reply, levels: [Math.ceil(requestsLevel), Math.ceil(tokensLevel)] });
      continue;
    }
    const meant = claims[each.which % Math.max(1, claims.length)];
    if (meant === undefined) continue;
    if (each.kind === "settle") store.settle(settlementOf(meant, each.amounts));
    else store.release(tenant, meant.attempt);
  }
  return said;
}

test("memory and Redis answer the same claims alike", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const memory = new MemoryLimitStore(systemClock);
      expect(await play(redis, steps)).toEqual(await play(memory, steps));
    }),
    { numRuns: 300 },
  );
});
