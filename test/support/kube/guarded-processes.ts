import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Reads sets of process groups, one a line. When its input ends, for whatever reason, it kills the
// last set and removes the folder, which dying processes may still be writing to.
const guardianScript = `
while read -r line; do groups=$line; done
for group in $groups; do kill -9 "$group" 2>/dev/null; done
for attempt in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$0" 2>/dev/null && exit 0; sleep 0.2; done
`;

/**
 * Processes with a folder for their state that do not outlive the process that started them, even
 * where that one is killed with -9: a guardian beside them sees its pipe close. The processes are in
 * groups of their own, so that Ctrl-C reaches them through the guardian alone, which cleans up.
 */
export class GuardedProcesses {
  readonly folder: string;
  private readonly guardian: ChildProcess;
  private readonly running = new Map<number, GuardedProcess>();

  private constructor(folder: string) {
    this.folder = folder;
    this.guardian = spawn("sh", ["-c", guardianScript, folder], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    // Where the guardian is gone there is nobody left to tell; its own death harms only the clean-up.
    this.guardian.stdin?.on("error", () => undefined);
    this.guardian.unref();
  }

  /** @param name stands in the name of the temporary folder */
  static async open(name: string): Promise<GuardedProcesses> {
    return new GuardedProcesses(await mkdtemp(join(tmpdir(), `switchyard-${name}-`)));
  }

  /** Starts a program; what it says is appended to NAME.log in the folder. */
  start(name: string, program: string, parameters: readonly string[]): GuardedProcess {
    const process = new GuardedProcess(name, join(this.folder, `${name}.log`), program, parameters);
    const { pid } = process;
    if (pid === undefined) return process;
    this.running.set(pid, process);
    this.tellGuardian();
    void process.ended.then(() => {
      this.running.delete(pid);
      this.tellGuardian();
    });
    return process;
  }

  /** Kills what still runs and removes the folder. */
  async end(): Promise<void> {
    await Promise.all([...this.running.values()].map((process) => process.kill()));
    this.guardian.stdin?.end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  private tellGuardian(): void {
    if (this.guardian.stdin?.writable) {
      const groups = [...this.running.keys()].map((pid) => `-${pid}`);
      this.guardian.stdin.write(`${groups.join(" ")}\n`);
    }
  }
}

export class GuardedProcess {
  readonly name: string;
  /** Settles, never fails, when the process is gone; says how it ended. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly log: string;
  private ending: string | undefined;

  constructor(name: string, log: string, program: string, parameters: readonly string[]) {
    this.name = name;
    this.log = log;
    const output = openSync(log, "a");
    this.child = spawn(program, parameters, { detached: true, stdio: ["ignore", output, output] });
    closeSync(output);
    const { promise, resolve } = Promise.withResolvers<string>();
    const end = (how: string): void => {
      this.ending ??= how;
      resolve(this.ending);
    };
    this.child.on("error", (error) => end(error.message));
    this.child.on("exit", (code, signal) => end(signal ?? `code ${code}`));
    this.ended = promise;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @throws Error with the end of its log where the process is gone */
  async assertRunning(): Promise<void> {
    if (this.ending === undefined) return;
    throw new Error(`${this.name} ended (${this.ending}):\n${await this.lastWords()}`);
  }

  /** The end of its log. */
  async lastWords(): Promise<string> {
    const text = await readFile(this.log, "utf8").catch(() => "");
    return text.trimEnd().split("\n").slice(-15).join("\n");
  }

  /** Does nothing where it has ended. */
  signal(name: NodeJS.Signals): void {
    if (this.ending === undefined) this.child.kill(name);
  }

  /** With SIGKILL: an API server with open watches takes half a minute over SIGTERM. */
  async kill(): Promise<void> {
    if (this.ending === undefined) this.child.kill("SIGKILL");
    await this.ended;
  }
}
