import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/lib/index.ts";
import { ApiError } from "../../../src/openai/index.ts";
import { ProviderError } from "../../../src/providers/index.ts";
import { answer, ChainFailed } from "../../../src/router/answer-stage.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { endLimits } from "../../../src/router/end-limits.ts";
import { expectedAmounts } from "../../../src/router/expected-amounts.ts";
import { limit } from "../../../src/router/limit-stage.ts";
import { limitsRecord } from "../../../src/router/limits-record.ts";
import type { BudgetEntry, TenantEntry } from "../../../src/table/index.ts";
import {
  MemoryLimitStore,
  TenantLimits,
  type LimitStore,
  type Settlement,
} from "../../../src/tenancy/index.ts";
import { reply, usage, type Script } from "../../support/router-parts.ts";
import { backendEntry, chatNeeds, tenantEntry } from "../routing/sample-entries.ts";
import { stage, type Staged } from "./stage.ts";

const day: BudgetEntry = { window: "Day", timeZone: "UTC", tokens: 1_000, onExceeded: "Reject" };

const answers: Script = { chat: () => reply() };
const fails: Script = {
  chat: () => {
    throw new ProviderError("throttled", "By order");
  },
};
const hangs: Script = {
  chat: async ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    }),
};

/** Remembers what was settled. */
class WatchedStore extends MemoryLimitStore {
  readonly settled: Settlement[] = [];
  readonly released: string[] = [];

  constructor() {
    super(systemClock);
  }

  override settle(settlement: Settlement): void {
    this.settled.push(settlement);
    super.settle(settlement);
  }

  override release(tenant: string, attempt: string): void {
    this.released.push(attempt);
    super.release(tenant, attempt);
  }
}

interface Limited extends Staged {
  store: WatchedStore;
}

/** A request of a tenant whose every attempt is expected to use `perAttempt` tokens. */
function limited(
  scripts: Record<string, Script>,
  tenant: Partial<TenantEntry>,
  options: Parameters<typeof stage>[1] = {},
): Limited {
  const store = new WatchedStore();
  const limits = new TenantLimits(store, systemClock);
  const staged = stage(scripts, { ...options, parts: { limits, ...options.parts } });
  staged.routed.tenant = tenantEntry(tenant);
  return { ...staged, store };
}

async function run(staged: Limited): Promise<unknown> {
  const { routed, parts } = staged;
  try {
    await limit(routed, parts);
    return await answer(routed, parts);
  } catch (error) {
    return error;
  } finally {
    endLimits(routed);
  }
}

const tokensOf = ({ amounts }: Settlement) => amounts.tokens;
const perAttempt = async (): Promise<number> => {
  const { routed, parts } = limited({ a: answers }, { budgets: [day] });
  await limit(routed, parts);
  return routed.limits?.expected.tokens ?? 0;
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("each attempt of a request", () => {
  it("reserves before it begins, and settles what it used", async () => {
    const staged = limited({ a: answers }, { budgets: [day] });
    await run(staged);
    expect(staged.store.settled.map(tokensOf)).toEqual([usage.input + usage.output]);
    expect(staged.parts.limits.reading().reservations).toBe(0);
    expect(limitsRecord(staged.routed.limits)).toMatchObject({ action: "allow", denied: null });
  });

  it("settles to nothing where its call failed by itself, and the fallback reserves anew", async () => {
    const staged = limited({ a: fails, b: answers }, { budgets: [day] });
    await run(staged);
    expect(staged.store.settled.map(tokensOf)).toEqual([0, usage.input + usage.output]);
    expect(new Set(staged.store.settled.map(({ attempt }) => attempt)).size).toBe(2);
  });

  it("settles what the provider bills of a call that failed all the same", async () => {
    const empty: Script = {
      chat: () => {
        throw new ProviderError("empty_reply", "Not a word", { usage: { ...usage, output: 900 } });
      },
    };
    const staged = limited({ a: empty }, { budgets: [{ ...day, tokens: 5_000 }] });
    await run(staged);
    expect(staged.store.settled.map(tokensOf)).toEqual([usage.input + 900]);
  });

  it("is not made where the limits have nothing left for it: the error before it is the answer", async () => {
    const needed = await perAttempt();
    // The first one's reservation is given back when it has failed: another request takes the room meanwhile.
    const staged = limited({ a: fails, b: answers }, { budgets: [{ ...day, tokens: needed }] });
    const { parts, routed } = staged;
    const asker = { namespace: "shop", tenant: routed.tenant ?? tenantEntry() };
    await limit(routed, parts);
    staged.store.settle = (settlement) => {
      MemoryLimitStore.prototype.settle.call(staged.store, settlement);
      const amounts = { nanoUsd: 0, tokens: needed };
      void parts.limits.reserve(asker, { amounts, cheapest: null, leaseMs: 60_000 }, true);
    };
    const error = await answer(routed, parts).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChainFailed);
    expect(routed.attempts.map(({ backend }) => backend.name)).toEqual(["a"]);
    expect(limitsRecord(routed.limits)).toMatchObject({
      denied: "fallback",
      exceeded: ["budget_day_tokens"],
    });
  });

  it("that the client leaves is settled by what is estimated", async () => {
    const staged = limited({ a: hangs }, { budgets: [day], rateLimits: { concurrent: 1 } });
    const ended = run(staged);
    await vi.advanceTimersByTimeAsync(10);
    staged.gone.abort(new ClientGone());
    expect(await ended).toBeInstanceOf(ClientGone);
    expect(staged.store.settled.map(tokensOf)).toEqual([staged.routed.needs.inputTokens]);
    expect(staged.store.released).toHaveLength(1);
    expect(staged.parts.limits.reading().reservations).toBe(0);
  });

  it("that the client leaves before its whole answer is settled by what was written, and not beyond what was reserved", async () => {
    const settledAfter = async (ms: number) => {
      const backend = {
        timeouts: { connectMs: 100, firstTokenMs: 1_000, idleMs: 500, totalMs: 60_000 },
      };
      const staged = limited(
        { a: hangs },
        { budgets: [day] },
        { backend, fallback: { totalTimeoutMs: 60_000 } },
      );
      const ended = run(staged);
      await vi.advanceTimersByTimeAsync(ms);
      staged.gone.abort(new ClientGone());
      await ended;
      const [settled = 0] = staged.store.settled.map(tokensOf);
      return { settled, ...staged.routed };
    };
    const soon = await settledAfter(2_500);
    expect(soon.settled).toBeGreaterThan(soon.needs.inputTokens);
    const late = await settledAfter(55_000);
    expect(late.settled).toBeGreaterThan(soon.settled);
    expect(late.settled).toBeLessThanOrEqual(late.limits?.expected.tokens ?? 0);
  });
});

describe("a policy that only observes", () => {
  it("says that it would have refused, also where a budget that downgrades stands before the one that refuses", async () => {
    const spent = { ...day, tokens: 1 };
    const budgets = [{ ...spent, onExceeded: "Downgrade" as const }, spent];
    const staged = limited({ a: answers }, { budgets, enforcement: "Observe" });
    await run(staged);
    expect(staged.routed.wouldRefuse).toEqual(["budget_day_tokens_2"]);
  });
});

describe("a hedge", () => {
  const hedge = { afterPercentile: 95, maxSharePercent: 50 };
  const slow: Script = {
    chat: async () => {
      await new Promise((resolve) => setTimeout(resolve, 14_000));
      return reply();
    },
  };
  const options = {
    fallback: { hedge, totalTimeoutMs: 30_000 },
    backend: {
      timeouts: { connectMs: 100, firstTokenMs: 20_000, idleMs: 500, totalMs: 20_000 },
    },
  };

  it("reserves for itself, and both settle", async () => {
    const staged = limited(
      { a: slow, b: answers },
      { budgets: [{ ...day, tokens: 5_000 }] },
      options,
    );
    const ended = run(staged);
    await vi.advanceTimersByTimeAsync(30_000);
    await ended;
    expect(staged.routed.attempts.map(({ kind }) => kind)).toEqual(["first", "hedge"]);
    expect(staged.store.settled).toHaveLength(2);
    expect(staged.parts.limits.reading().reservations).toBe(0);
  });

  it("is not made where the limits have nothing left for it, and the first attempt goes on", async () => {
    const tokens = await perAttempt();
    const staged = limited({ a: slow, b: answers }, { budgets: [{ ...day, tokens }] }, options);
    const ended = run(staged);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await ended).toMatchObject({ attempt: { backend: { name: "a" } } });
    expect(staged.routed.attempts).toHaveLength(1);
    expect(limitsRecord(staged.routed.limits)).toMatchObject({ action: "allow", denied: "hedge" });
  });

  it("is not made for who is downgraded", async () => {
    const budgets: BudgetEntry[] = [{ ...day, tokens: 0, onExceeded: "Downgrade" }];
    const staged = limited({ a: slow, b: answers }, { budgets }, options);
    const ended = run(staged);
    await vi.advanceTimersByTimeAsync(30_000);
    await ended;
    expect(staged.routed.attempts).toHaveLength(1);
  });
});

describe("a store that does not answer", () => {
  const away: LimitStore = {
    now: () => Date.now(),
    admit: async () => ({ kind: "unavailable", asked: true }),
    settle: () => undefined,
    release: () => undefined,
    close: async () => undefined,
  };
  const parts = { limits: new TenantLimits(away, systemClock) };

  it.each([
    ["FailClosed", "Enforce", "refused"],
    ["FailClosed", "Observe", "served"],
    ["FailOpen", "Enforce", "served"],
  ] as const)("leaves a request under %s and %s %s", async (storeFailure, enforcement, ending) => {
    const staged = limited(
      { a: answers },
      { budgets: [day], storeFailure, enforcement },
      { parts },
    );
    const ended = await run(staged);
    if (ending === "served") expect(ended).toMatchObject({ attempt: { usage } });
    else {
      expect(ended).toBeInstanceOf(ApiError);
      expect(ended).toMatchObject({ code: "limits_unavailable", status: 503 });
    }
    expect(limitsRecord(staged.routed.limits)?.action).toBe("uncounted");
  });
});

describe("what an attempt is expected to use", () => {
  const estimates = {
    firstTokenP95Ms: 500,
    totalP95Ms: 2_000,
    costPicoUsd: 0,
    inputTokens: 0,
    outputTokens: 400,
  };
  const backend = backendEntry("a", {
    prices: { tokens: { input: 3_000_000, output: 15_000_000, cacheWrite1h: 6_000_000 } },
    maxOutputTokens: 1_000,
    capabilities: ["PromptCaching"],
  });

  it.each([
    ["as much output as the request allows", { inputTokens: 300, maxOutputTokens: 50 }, 400, 50, 0],
    ["no more than the model writes", { inputTokens: 300, maxOutputTokens: 5_000 }, 400, 1_000, 0],
    ["the route's usual output where any is allowed", { inputTokens: 300 }, 400, 400, 0],
    [
      "a prefix to be cached at its dearest",
      { inputTokens: 300, cacheableTokens: 150 },
      200,
      400,
      200,
    ],
  ])("is %s", (_, needs, input, output, cached) => {
    const nanoUsd = input * 3_000 + output * 15_000 + cached * 6_000;
    expect(expectedAmounts(backend, { ...chatNeeds(), ...needs }, estimates)).toEqual({
      nanoUsd,
      tokens: input + output + cached,
    });
  });
});

it.each([
  [true, 1],
  [false, 0],
])(
  "a refused request gives back what a store may hold that was asked for it: asked %s",
  async (asked, messages) => {
    const told: string[] = [];
    const store: LimitStore = {
      now: () => Date.now(),
      admit: async () => ({ kind: "unavailable", asked }),
      settle: () => void told.push("settle"),
      release: () => void told.push("release"),
      close: async () => undefined,
    };
    const parts = { limits: new TenantLimits(store, systemClock) };
    const tenant = {
      budgets: [day],
      rateLimits: { concurrent: 5 },
      storeFailure: "FailClosed",
    } as const;
    await run(limited({ a: answers }, { ...tenant, budgets: [day] }, { parts }));
    expect(told).toHaveLength(messages * 2);
  },
);
