// A real OpenTelemetry collector on loopback for tests, with a configuration as docs show it.
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { resolveBinaries } from "./kube/binaries.ts";
import { freePort } from "./kube/free-port.ts";
import { GuardedProcesses } from "./kube/guarded-processes.ts";

export interface Collector {
  /** Where it takes OTLP over HTTP. */
  url: string;
  /** The end of what it said. */
  lastWords(): Promise<string>;
  stop(): Promise<void>;
}

const startMs = 30_000;

/**
 * @param config a file of the repository that reads `COLLECTOR_LISTEN` and `OTLP_BACKEND`
 * @param backend where it is to send what it takes
 * @throws Error with its last words where it does not start
 */
export async function startCollector(config: string, backend: string): Promise<Collector> {
  const binaries = await resolveBinaries(["collector"]);
  if (!binaries.ok) throw new Error(binaries.error);
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const processes = await GuardedProcesses.open("collector");
  const running = processes.start("collector", "env", [
    `COLLECTOR_LISTEN=${address}`,
    `OTLP_BACKEND=${backend}`,
    binaries.value.collector,
    `--config=${resolve(import.meta.dirname, "../..", config)}`,
    // Its own metrics would take a port that another collector of this machine may have.
    "--config=yaml:service::telemetry::metrics::level: none",
  ]);
  const giveUpAt = Date.now() + startMs;
  try {
    while (!(await answers(url))) {
      await running.assertRunning();
      if (Date.now() > giveUpAt) throw new Error(`Not ready:\n${await running.lastWords()}`);
      await sleep(20);
    }
  } catch (error) {
    await processes.end();
    throw error;
  }
  return { url, lastWords: () => running.lastWords(), stop: () => processes.end() };
}

/** Whatever it says to a GET of its root: it listens. */
const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (answer) => (await answer.text(), true),
    () => false,
  );
