import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { readParts } from "./cluster-parts.ts";
import type { Cluster } from "./cluster.ts";
import { repository } from "./installed-example.ts";

const limitMs = 240_000;

/**
 * A shell as a person has it who reads a README: in the repository, with kubectl and helm at hand and the
 * cluster as theirs. What a block sets or leaves running is there for the next one.
 */
export class Shell {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #said = "";
  #onSaid: () => void = () => undefined;
  #blocks = 0;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        this.#said += chunk;
        this.#onSaid();
      });
    }
    this.#ended = new Promise((resolve) => {
      child.on("exit", () => {
        this.#onSaid();
        resolve();
      });
    });
  }

  static async open({ kubeconfig }: Cluster): Promise<Shell> {
    const { binaries } = readParts();
    const home = join(dirname(kubeconfig), "programs");
    await mkdir(home, { recursive: true });
    for (const name of ["kubectl", "helm"] as const) {
      await symlink(binaries[name], join(home, name)).catch(() => undefined);
    }
    const path = [home, process.env["PATH"]].join(delimiter);
    const env = { HOME: home, KUBECONFIG: kubeconfig, PATH: path, NO_COLOR: "1" };
    return new Shell(spawn("bash", [], { cwd: repository, env }));
  }

  /**
   * What the commands of a block said.
   *
   * @throws Error with what they said where one of them failed, or all of them took too long
   */
  async run(block: string): Promise<string> {
    this.#blocks += 1;
    const mark = `--- end of block ${this.#blocks}:`;
    this.#said = "";
    const ended = this.#until(mark);
    this.#child.stdin.write(
      `failed=0; trap 'failed=1' ERR\n{\n${block}\n} </dev/null\ntrap - ERR; echo "${mark} $failed"\n`,
    );
    await ended;
    const [said = "", code] = this.#said.split(mark);
    if (code?.trim() === "0") return said;
    throw new Error(`${block}\nfailed:\n${this.#said}`);
  }

  /** Ends what blocks have left running, too. */
  async close(): Promise<void> {
    this.#child.stdin.end("kill $(jobs -p) 2>/dev/null\n");
    await this.#ended;
  }

  #until(mark: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), limitMs);
    this.#onSaid = () => {
      const { exitCode, signalCode } = this.#child;
      if (this.#said.includes(`${mark} `) || (exitCode ?? signalCode) !== null) resolve();
    };
    return promise.finally(() => clearTimeout(timer));
  }
}
