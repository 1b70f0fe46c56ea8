// The fixed parts of the bench, on the core that is not measured: the upstream, the load, and a folder
// with the router's bundle.
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundle } from "../../test/support/build-bundle.ts";
import type { Job, Loaded } from "./load/job.ts";
import { chooseCores, PinnedProcess, type Cores } from "./pinned-process.ts";

const startMs = 20_000;

/** Beyond the time of a job: what is under way at its end may take half a minute. */
const jobGraceMs = 40_000;

export class Stage {
  readonly folder: string;
  /** The router's program, as `npm run build` makes it. */
  readonly bundle: string;
  readonly cores: Cores;
  readonly upstream: string;
  readonly #upstream: PinnedProcess;
  readonly #load: PinnedProcess;

  private constructor(
    folder: string,
    bundle: string,
    cores: Cores,
    upstream: { url: string; process: PinnedProcess },
    load: PinnedProcess,
  ) {
    this.folder = folder;
    this.bundle = bundle;
    this.cores = cores;
    this.upstream = upstream.url;
    this.#upstream = upstream.process;
    this.#load = load;
  }

  /** @throws Error saying what the machine lacks */
  static async open(): Promise<Stage> {
    const cores = await chooseCores();
    const folder = await mkdtemp(join(tmpdir(), "switchyard-bench-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const bundle = await buildBundle(folder);
    const upstream = startOwn("upstream", cores.rest);
    const load = startOwn("load", cores.rest);
    const { port } = await upstream.ask<{ port: number }>(undefined, startMs);
    const url = `http://127.0.0.1:${port}`;
    return new Stage(folder, bundle, cores, { url, process: upstream }, load);
  }

  async load(job: Job): Promise<Loaded> {
    const answer = await this.#load.ask<{ loaded?: Loaded; problem?: string }>(
      job,
      job.seconds * 1_000 + jobGraceMs,
    );
    if (answer.loaded === undefined) throw new Error(answer.problem ?? "No load was made");
    return answer.loaded;
  }

  /** Spans that have come since the last call. */
  async takeSpans(): Promise<number> {
    const { spans } = await this.#upstream.ask<{ spans: number }>({}, startMs);
    return spans;
  }

  async close(): Promise<void> {
    await Promise.all([this.#upstream.stop(), this.#load.stop()]);
  }
}

function startOwn(name: string, core: number): PinnedProcess {
  const program = join(import.meta.dirname, "processes", `${name}.ts`);
  return new PinnedProcess({ core, command: [process.execPath, program], talks: true });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  return port;
}
