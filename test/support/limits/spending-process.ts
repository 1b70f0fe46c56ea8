// A process of its own that spends by a shared store: `node spending-process.ts PLAN`, PLAN being JSON. What
// it spends goes to a file, and what became of its attempts to standard output.
import { openSync, writeSync } from "node:fs";
import { systemClock } from "../../../src/lib/index.ts";
import { openRedisStore } from "./redis-stores.ts";
import { spendAll, type SpendingPlan } from "./spender.ts";

export interface SpendingProcess extends SpendingPlan {
  host: string;
  port: number;
  /** How wrong the process's clock is. */
  skewMs: number;
  /** Where each line is a tenant and nano-USD. */
  spentFile: string;
}

const plan = JSON.parse(process.argv[2] ?? "") as SpendingProcess;
const clock = { ...systemClock, now: () => Date.now() + plan.skewMs };
const store = await openRedisStore(plan, { clock, settings: { timeoutMs: 2_000 } });
const file = openSync(plan.spentFile, "a");
const tally = await spendAll(plan, { store, clock }, ({ tenant, nanoUsd }) => {
  writeSync(file, `${tenant} ${nanoUsd}\n`);
});
const giveUpAt = Date.now() + 20_000;
while (store.reading().unsettled > 0 && Date.now() < giveUpAt) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
process.stdout.write(`${JSON.stringify({ ...tally, unsettled: store.reading().unsettled })}\n`);
await store.close();
