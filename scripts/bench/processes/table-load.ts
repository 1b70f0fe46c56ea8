// Loads a table of many routes as a router does that serves meanwhile, over and over, and tells for how
// long the event loop stood still at most each time. Arguments: the folder of the first edition's YAML and
// that of the second's, which differs in one route.
import { setTimeout as sleep } from "node:timers/promises";
import { compile } from "../../../src/compile/index.ts";
import { openConfig } from "../../../src/cli/open-config.ts";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { systemClock } from "../../../src/lib/index.ts";
import { TableHolder } from "../../../src/router/index.ts";
import { encodeTable, type EncodedTable } from "../../../src/table/index.ts";

const [first = "", second = ""] = process.argv.slice(2);
const settings = { endpointHosts: ["*"], allowLoopbackEndpoints: true, roleArns: ["*"] };

async function encoded(config: string): Promise<EncodedTable> {
  const { folder, group } = await openConfig({ config }, readEnvironment({}));
  const { manifests } = await folder.read();
  return encodeTable(compile({ group, manifests, settings }).table);
}

/** Milliseconds of the longest turn of the event loop while the table is loaded. */
async function stallOf(holder: TableHolder, table: EncodedTable): Promise<number> {
  let longest = 0;
  let running = true;
  let turnedAt = performance.now();
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - turnedAt);
    turnedAt = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  const loaded = await holder.loadInSlices(table);
  if (!loaded.ok) throw new Error(loaded.error.message);
  running = false;
  return longest;
}

/** What comes first is compiled as it runs. */
const warmUps = 5;
const times = 25;
const restMs = 20;

const editions = [await encoded(first), await encoded(second)] as const;
const stalls: { load: number[]; edit: number[] } = { load: [], edit: [] };
for (let time = -warmUps; time < times; time += 1) {
  const holder = new TableHolder(systemClock, {
    tableLoaded: () => undefined,
    tableConfirmed: () => undefined,
    tableRefused: () => undefined,
  });
  const load = await stallOf(holder, editions[0]);
  const edit = await stallOf(holder, editions[1]);
  if (time >= 0) {
    stalls.load.push(load);
    stalls.edit.push(edit);
  }
  await sleep(restMs);
}
process.send?.(stalls);
process.on("disconnect", () => process.exit());
