// What every store of limits does, whichever keeps its numbers.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Claim, LimitStore } from "../../../src/tenancy/index.ts";
import { claim, budget, counted, settlementOf, usedIn } from "./claims.ts";

const enforced = (max: number) => ({ max, observed: false });
const observed = (max: number) => ({ max, observed: true });
const usd = (nanoUsd: number) => ({ nanoUsd, tokens: 0 });
const tokens = (count: number) => ({ nanoUsd: 0, tokens: count });

/** @param opened the store under test, which is there once tests run */
export function describeLimitStore(name: string, opened: () => LimitStore): void {
  const newTenant = () => `team/${randomUUID()}`;

  describe(`${name}: budgets`, () => {
    test("reserve up to the limit, refuse beyond it, and hold nothing for what is refused", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = () => claim(tenant, { budgets: [budget(100)], amounts: usd(40) });
      const replies = [];
      for (let index = 0; index < 4; index += 1) replies.push(await counted(store, asked()));
      expect(replies.map(({ refusedBy }) => refusedBy)).toEqual([null, null, 3, 3]);
      expect(replies.map(({ used }) => used)).toEqual([[40], [80], [80], [80]]);
      expect((await counted(store, { ...asked(), amounts: usd(20) })).used).toEqual([100]);
    });

    test("count what was used in place of what was reserved", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = claim(tenant, { budgets: [budget(100)], amounts: usd(60) });
      await counted(store, asked);
      store.settle(settlementOf(asked, usd(15)));
      expect(await usedIn(store, tenant, asked.budgets)).toEqual([15]);
    });

    test("go over where more was used than reserved, and refuse from then on", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = claim(tenant, { budgets: [budget(100)], amounts: usd(60) });
      await counted(store, asked);
      store.settle(settlementOf(asked, usd(130)));
      const next = await counted(store, claim(tenant, { budgets: asked.budgets, amounts: usd(1) }));
      expect(next).toMatchObject({ refusedBy: 3, used: [130] });
    });

    test("count an attempt once, however often it is settled", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = claim(tenant, { budgets: [budget(100)], amounts: usd(60) });
      await counted(store, asked);
      for (const nanoUsd of [15, 15, 99]) store.settle(settlementOf(asked, usd(nanoUsd)));
      expect(await usedIn(store, tenant, asked.budgets)).toEqual([15]);
    });

    test("count an attempt that was never reserved, once", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = claim(tenant, { budgets: [budget(100)] });
      for (const nanoUsd of [15, 15]) store.settle(settlementOf(asked, usd(nanoUsd)));
      expect(await usedIn(store, tenant, asked.budgets)).toEqual([15]);
    });

    test("hold nothing for an attempt that is settled before it is reserved", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = claim(tenant, { budgets: [budget(100)], amounts: usd(60) });
      store.settle(settlementOf(asked, usd(15)));
      await counted(store, asked);
      expect(await usedIn(store, tenant, asked.budgets)).toEqual([15]);
    });

    test("book an attempt as it was reserved once its lease is over, and once correct it after that", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = claim(tenant, { budgets: [budget(100)], amounts: usd(60), leaseMs: 30 });
      await counted(store, asked);
      await sleep(160);
      expect(await usedIn(store, tenant, asked.budgets)).toEqual([60]);
      await sleep(160);
      expect(await usedIn(store, tenant, asked.budgets)).toEqual([60]);
      for (const nanoUsd of [15, 15]) store.settle(settlementOf(asked, usd(nanoUsd)));
      expect(await usedIn(store, tenant, asked.budgets)).toEqual([15]);
    });

    test("hold several at once: by money and by tokens, and by windows", async () => {
      const store = opened();
      const tenant = newTenant();
      const ofTokens = budget(50, { id: "Day|UTC|tokens", unit: "tokens" });
      const ofHour = budget(10, { id: "Hour|UTC|nanoUsd" });
      const budgets = [budget(100), ofTokens, ofHour];
      const asked = claim(tenant, { budgets, amounts: { nanoUsd: 8, tokens: 30 } });
      expect((await counted(store, asked)).used).toEqual([8, 30, 8]);
      const second = await counted(store, { ...asked, attempt: "second" });
      expect(second).toMatchObject({ refusedBy: 4, exceeded: [4, 5], used: [8, 30, 8] });
    });

    test("that count the same count once, each by its own limit", async () => {
      const store = opened();
      const tenant = newTenant();
      const budgets = [budget(100), budget(50, { mode: "Observe" })];
      const asked = claim(tenant, { budgets, amounts: usd(40) });
      expect(await counted(store, asked)).toMatchObject({ exceeded: [], used: [40, 40] });
      const second = await counted(store, { ...asked, attempt: "second" });
      expect(second).toMatchObject({ refusedBy: null, exceeded: [4], used: [80, 80] });
      store.settle(settlementOf(asked, usd(10)));
      store.settle(settlementOf({ ...asked, attempt: "unreserved" }, usd(5)));
      expect(await usedIn(store, tenant, budgets)).toEqual([55, 55]);
    });

    test("count each window by itself", async () => {
      const store = opened();
      const tenant = newTenant();
      const early = budget(100);
      const late = budget(100, { startsAt: early.startsAt + 1, endsAt: early.endsAt + 1 });
      await counted(store, claim(tenant, { budgets: [early], amounts: usd(60) }));
      await counted(store, claim(tenant, { budgets: [late], amounts: usd(70) }));
      expect(await usedIn(store, tenant, [early, late])).toEqual([60, 70]);
    });

    test("book to the window in which the attempt began, also where that is over", async () => {
      const store = opened();
      const tenant = newTenant();
      const ending = budget(100, { endsAt: store.now() + 60 });
      const asked = claim(tenant, { budgets: [ending], amounts: usd(60) });
      await counted(store, asked);
      await sleep(80);
      const next = budget(100, { startsAt: ending.endsAt });
      expect(await usedIn(store, tenant, [next])).toEqual([0]);
      store.settle(settlementOf(asked, usd(15)));
      expect(await usedIn(store, tenant, [next])).toEqual([0]);
    });

    test.each([
      ["is over", { startsAt: 0, endsAt: 1 }],
      ["has not begun", { startsAt: 4e12, endsAt: 5e12 }],
    ])("are not counted in a window that %s by the store's clock", async (_, window) => {
      const asked = claim(newTenant(), { budgets: [budget(100, window)] });
      expect(await opened().admit(asked)).toEqual({ kind: "moved" });
    });

    test("that downgrade ask for the cheapest once they are used up, and never refuse", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = () =>
        claim(tenant, {
          budgets: [budget(100, { mode: "Downgrade" })],
          amounts: usd(60),
          cheapest: usd(25),
        });
      const replies = [];
      for (let index = 0; index < 4; index += 1) replies.push(await counted(store, asked()));
      expect(replies.map(({ downgraded }) => downgraded)).toEqual([false, true, true, true]);
      expect(replies.map(({ exceeded }) => exceeded)).toEqual([[], [3], [3], [3]]);
      expect(replies.map(({ refusedBy }) => refusedBy)).toEqual([null, null, null, null]);
      expect(replies.map(({ used }) => used)).toEqual([[60], [85], [110], [135]]);
    });

    test("that refuse look at the cheaper amounts where another one downgrades", async () => {
      const store = opened();
      const tenant = newTenant();
      const budgets = [budget(70), budget(50, { id: "Month|UTC|nanoUsd", mode: "Downgrade" })];
      const asked = () => claim(tenant, { budgets, amounts: usd(60), cheapest: usd(30) });
      const first = await counted(store, asked());
      expect(first).toMatchObject({ downgraded: true, refusedBy: null, used: [30, 30] });
      expect(await counted(store, asked())).toMatchObject({ refusedBy: null, used: [60, 60] });
      expect(await counted(store, asked())).toMatchObject({ refusedBy: 3, exceeded: [3, 4] });
    });

    test("that observe let pass, say so and count", async () => {
      const store = opened();
      const budgets = [budget(50, { mode: "Observe" })];
      const asked = claim(newTenant(), { budgets, amounts: usd(60) });
      expect(await counted(store, asked)).toMatchObject({
        refusedBy: null,
        exceeded: [3],
        used: [60],
      });
    });

    test("are exact for millions of dollars", async () => {
      const store = opened();
      const tenant = newTenant();
      const most = Number.MAX_SAFE_INTEGER;
      const asked = claim(tenant, { budgets: [budget(most)], amounts: usd(most - 1) });
      await counted(store, asked);
      const again = (nanoUsd: number) =>
        counted(store, claim(tenant, { budgets: asked.budgets, amounts: usd(nanoUsd) }));
      expect((await again(2)).refusedBy).toBe(3);
      expect((await again(1)).used).toEqual([most]);
    });

    test("come to the sum of what was used, in whatever order and however often it is settled", async () => {
      const plan = fc.record({
        reserved: fc.nat(1_000),
        used: fc.nat(2_000),
        times: fc.integer({ min: 1, max: 3 }),
        isReserved: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(plan, { maxLength: 12 }), fc.nat(), async (plans, seed) => {
          const store = opened();
          const tenant = newTenant();
          const budgets = [budget(1e12)];
          const settlements = [];
          for (const { reserved, used, times, isReserved } of plans) {
            const asked = claim(tenant, { budgets, amounts: usd(reserved) });
            if (isReserved) await counted(store, asked);
            const each = settlementOf(asked, usd(used));
            settlements.push(...Array.from({ length: times }, () => each));
          }
          for (const each of shuffled(settlements, seed)) store.settle(each);
          const sum = plans.reduce((total, { used }) => total + used, 0);
          expect(await usedIn(store, tenant, budgets)).toEqual([sum]);
        }),
        { numRuns: 40 },
      );
    });
  });

  describe(`${name}: rates`, () => {
    test("requests within a minute", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = () => claim(tenant, { requests: enforced(3) });
      const replies = [];
      for (let index = 0; index < 4; index += 1) replies.push(await counted(store, asked()));
      expect(replies.map(({ refusedBy }) => refusedBy)).toEqual([null, null, null, 0]);
      expect(replies.map(({ requestsLevel }) => Math.ceil(requestsLevel))).toEqual([1, 2, 3, 3]);
    });

    test("run out evenly", async () => {
      const store = opened();
      const tenant = newTenant();
      // One a millisecond.
      const asked = () => claim(tenant, { tokens: enforced(60_000), amounts: tokens(60_000) });
      const full = await counted(store, asked());
      await sleep(50);
      const later = await counted(store, { ...asked(), amounts: tokens(0) });
      const gone = full.tokensLevel - later.tokensLevel;
      expect(gone / (later.now - full.now)).toBeCloseTo(1, 3);
      expect(gone).toBeGreaterThanOrEqual(45);
    });

    test("tokens are held as expected, and corrected by what was used", async () => {
      const store = opened();
      const tenant = newTenant();
      const bound = enforced(1_000);
      const asked = () => claim(tenant, { tokens: bound, amounts: tokens(600) });
      const [first, second] = [asked(), asked()];
      expect((await counted(store, first)).refusedBy).toBeNull();
      expect((await counted(store, second)).refusedBy).toBe(1);
      store.settle(settlementOf(first, tokens(100)));
      const after = await counted(store, second);
      expect(after.refusedBy).toBeNull();
      expect(Math.round(after.tokensLevel / 10)).toBe(70);
      store.settle(settlementOf(second, tokens(1_500)));
      expect((await counted(store, { ...asked(), amounts: tokens(1) })).refusedBy).toBe(1);
    });

    test("open requests, until they are over or their lease is", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = (leaseMs = 60_000) => claim(tenant, { concurrent: enforced(2), leaseMs });
      const first = asked();
      expect(await counted(store, first)).toMatchObject({ refusedBy: null, open: 1 });
      expect(await counted(store, asked(30))).toMatchObject({ refusedBy: null, open: 2 });
      expect(await counted(store, asked())).toMatchObject({ refusedBy: 2, open: 2 });
      store.release(tenant, first.attempt);
      store.release(tenant, first.attempt);
      expect(await counted(store, asked())).toMatchObject({ refusedBy: null, open: 2 });
      await sleep(160);
      expect(await counted(store, asked())).toMatchObject({ refusedBy: null, open: 2 });
    });

    test("that are observed let pass, say so, and are not charged with it", async () => {
      const store = opened();
      const tenant = newTenant();
      const asked = () =>
        claim(tenant, {
          requests: observed(1),
          tokens: observed(100),
          concurrent: observed(1),
          amounts: tokens(70),
        });
      expect(await counted(store, asked())).toMatchObject({ refusedBy: null, exceeded: [] });
      const second = await counted(store, asked());
      expect(second).toMatchObject({ refusedBy: null, exceeded: [0, 1, 2], open: 2 });
      expect(Math.ceil(second.requestsLevel)).toBe(1);
      expect(Math.ceil(second.tokensLevel)).toBe(70);
    });

    test("are not charged with what another limit refuses", async () => {
      const store = opened();
      const tenant = newTenant();
      const rates = { requests: enforced(10), tokens: enforced(1_000), concurrent: enforced(5) };
      const asked = { ...rates, amounts: { nanoUsd: 5, tokens: 10 } };
      const refused = await counted(store, claim(tenant, { ...asked, budgets: [budget(1)] }));
      expect(refused).toMatchObject({ refusedBy: 3, requestsLevel: 0, tokensLevel: 0, open: 0 });
    });
  });

  test(`${name}: no tenant is told from another's numbers`, async () => {
    const store = opened();
    const asked = (tenant: string): Claim =>
      claim(tenant, { budgets: [budget(50)], requests: enforced(1), amounts: usd(50) });
    expect((await counted(store, asked(newTenant()))).refusedBy).toBeNull();
    expect((await counted(store, asked(newTenant()))).refusedBy).toBeNull();
  });
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const mixed = items.map((item, index) => ({ item, key: Math.imul(seed + index, 2_654_435_761) }));
  return mixed.toSorted((left, right) => left.key - right.key).map(({ item }) => item);
}
