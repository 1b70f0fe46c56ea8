import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Long: a machine under load may take half a minute to start a few processes. */
const longestWaitMs = 60_000;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `switchyard …` as a process of its own, as people start it. */
export class SwitchyardProcess {
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #wake: () => void = () => undefined;

  /** @param program what to run: the sources, or a bundle of them */
  constructor(
    words: readonly string[],
    environment: Record<string, string> = {},
    program = "src/cli/main.ts",
  ) {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(SWITCHYARD|OTEL|AWS)_/.test(name),
    );
    this.#child = spawn(process.execPath, [program, ...words], {
      env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.#ended = once(this.#child, "close").then(([code]: unknown[]) => {
      this.#wake();
      return { code: code as number | null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Waits until the pattern stands on one of its outputs, and gives the match. */
  async prints(pattern: RegExp, output: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    const deadline = Date.now() + longestWaitMs;
    for (;;) {
      const found = pattern.exec(this[output]);
      if (found !== null) return found;
      const left = deadline - Date.now();
      if (left <= 0 || this.#child.exitCode !== null) {
        throw new Error(`${String(pattern)} was not printed:\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Where a router serves one of its ports, as it says in its log. */
  async addressOf(port: "API" | "admin port"): Promise<string> {
    const [line] = await this.prints(new RegExp(`.*"Serving the ${port}".*`), "stderr");
    return (JSON.parse(line) as { address: string }).address;
  }

  /** Reads neither of its outputs any further, as `head` does. */
  stopReading(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Leaves standard output unread, as a log agent does that is behind. */
  pauseReading(): void {
    this.#child.stdout?.pause();
  }

  resumeReading(): void {
    this.#child.stdout?.resume();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** How it ended; it is killed where it does not end by itself. */
  async ended(): Promise<Ended> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), longestWaitMs);
    try {
      return await this.#ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** For the end of a test, however it went. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
