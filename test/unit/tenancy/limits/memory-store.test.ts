import { expect, test } from "vitest";
import { systemClock } from "../../../../src/lib/index.ts";
import { MemoryLimitStore } from "../../../../src/tenancy/index.ts";
import { claim, counted } from "../../../support/limits/claims.ts";
import { describeLimitStore } from "../../../support/limits/limit-store-contract.ts";

const store = new MemoryLimitStore(systemClock);

describeLimitStore("memory", () => store);

test("a clock that is put back keeps no tenant out until it comes to where it was", async () => {
  const clock = { ...systemClock, now: () => at };
  let at = 1_800_000_000_000;
  const put = new MemoryLimitStore(clock);
  const ask = () => counted(put, claim("a", { requests: { max: 1, observed: false } }));
  expect(await ask()).toMatchObject({ refusedBy: null });
  at -= 3_600_000;
  expect(await ask()).toMatchObject({ refusedBy: 0 });
  at += 60_000;
  expect(await ask()).toMatchObject({ refusedBy: null });
});
