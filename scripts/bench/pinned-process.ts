// Processes of the bench, each bound to one core, with an end in any case.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

export interface Cores {
  /** For the gateway that is measured, alone. */
  gateway: number;
  /** For all else: upstream, load and the bench itself. */
  rest: number;
}

/** @throws Error saying what is missing: Linux with taskset, or a second core */
export async function chooseCores(): Promise<Cores> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => {
    throw new Error("The bench reads /proc and pins processes to cores: run it on Linux");
  });
  const allowed = coreNumbers(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "");
  const [gateway, rest] = allowed;
  if (gateway === undefined || rest === undefined)
    throw new Error(`The bench needs two cores; it may use ${availableParallelism()}`);
  await promisify(execFile)("taskset", ["-acp", String(rest), String(process.pid)]).catch(
    (cause: unknown) => {
      throw new Error("taskset is missing: install util-linux", { cause });
    },
  );
  return { gateway, rest };
}

/** Of a list such as 0-3,8. */
function coreNumbers(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

export interface ProcessPlan {
  core: number;
  command: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Whether it is a process of the bench's own, which takes messages. */
  talks?: boolean;
}

const graceMs = 15_000;
const tailLength = 4_000;

export class PinnedProcess {
  /** On its standard output so far. */
  lines = 0;
  #errors = "";
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;

  constructor({ core, command, environment = {}, talks = false }: ProcessPlan) {
    this.#child = spawn("taskset", ["-c", String(core), ...command], {
      // Nothing of the machine's own set-up may reach a gateway: credentials and telemetry least of all.
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment },
      stdio: ["ignore", "pipe", "pipe", ...(talks ? (["ipc"] as const) : [])],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) this.lines += 1;
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-tailLength);
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = promise;
    // Where the bench is broken off, nothing of it may go on running.
    const kill = (): void => void this.#child.kill("SIGKILL");
    process.once("exit", kill);
    this.#child.on("close", () => {
      process.off("exit", kill);
      resolve();
    });
    this.#child.on("error", (error) => {
      this.#errors += error.message;
      resolve();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last that it said on standard error. */
  get complaint(): string {
    return this.#errors.trim();
  }

  /** Sends it a message, where there is one, and gives its next. @throws Error where none comes in time */
  async ask<Answer>(message: object | undefined, waitMs: number): Promise<Answer> {
    const signal = AbortSignal.timeout(waitMs);
    const answered = once(this.#child, "message", { signal });
    if (message !== undefined) this.#child.send(message);
    const [answer] = (await answered.catch((cause: unknown) => {
      throw new Error(`A process of the bench gave no answer: ${this.complaint}`, { cause });
    })) as [Answer];
    return answer;
  }

  /** Asks it to end, and makes it where it does not; then its outputs have been read to their ends. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
    await this.#closed;
    clearTimeout(timer);
  }
}
