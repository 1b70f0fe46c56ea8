// What no load shows: how long a router takes to be ready, and for how long a new table keeps requests waiting.
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { manyRoutes } from "./contenders/many-routes.ts";
import { imageEnvironment, routers } from "./contenders/router.ts";
import { PinnedProcess } from "./pinned-process.ts";
import { spreadOf, type Spread } from "./report.ts";
import { freePort, type Stage } from "./stage.ts";

export interface Beginnings {
  /** From the start of the process until it answers that it is ready. */
  coldStartMs: Spread;
  /** The longest that the event loop stands still while a table of 2,000 routes is loaded anew. */
  tableLoadStallMs: Spread;
  /** The same where one of its routes has changed. */
  tableEditStallMs: Spread;
}

export async function measureBeginnings(stage: Stage): Promise<Beginnings> {
  const { load, edit } = await stallsOf(stage);
  return {
    coldStartMs: spreadOf(await coldStarts(stage)),
    tableLoadStallMs: spreadOf(load),
    tableEditStallMs: spreadOf(edit),
  };
}

const routes = 2_000;
const stallsWaitMs = 90_000;

async function stallsOf({ folder, cores, upstream }: Stage) {
  const folders = await Promise.all(
    [3, 4].map(async (edition) => {
      const config = join(folder, `routes-${edition}`);
      await mkdir(config);
      await writeFile(join(config, "routes.yaml"), manyRoutes(upstream, routes, edition));
      return config;
    }),
  );
  const program = join(import.meta.dirname, "processes/table-load.ts");
  const command = [process.execPath, program, ...folders];
  const loading = new PinnedProcess({
    core: cores.gateway,
    command,
    environment: imageEnvironment,
    talks: true,
  });
  try {
    return await loading.ask<{ load: number[]; edit: number[] }>(undefined, stallsWaitMs);
  } finally {
    await loading.stop();
  }
}

const starts = 5;
const startWaitMs = 20_000;

async function coldStarts(stage: Stage): Promise<number[]> {
  const took: number[] = [];
  for (let start = 0; start < starts; start += 1) took.push(await coldStart(stage));
  return took;
}

async function coldStart({ folder, bundle, cores, upstream }: Stage): Promise<number> {
  const [router] = routers;
  if (router === undefined) throw new TypeError("There is no router");
  const [port, adminPort] = [await freePort(), await freePort()];
  const place = { folder: await mkdtemp(join(folder, "start-")), bundle, port, upstream };
  const { command, environment } = await router.launch({ ...place, nodeFlags: [] });
  const startedAt = performance.now();
  const flags = ["--admin-port", String(adminPort)];
  const starting = new PinnedProcess({
    core: cores.gateway,
    command: [...command, ...flags],
    environment,
  });
  try {
    while (!(await isReady(`http://127.0.0.1:${adminPort}/readyz`))) {
      if (!starting.running || performance.now() - startedAt > startWaitMs)
        throw new Error(`The router did not start: ${starting.complaint}`);
      await sleep(2);
    }
    return performance.now() - startedAt;
  } finally {
    await starting.stop();
  }
}

const isReady = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
