import { spawn } from "node:child_process";

/** What it said where it ended well. */
export type Kubectl = (parameters: readonly string[], input?: string) => Promise<string>;

/** kubectl ended with another code than 0; the message is what it said on stderr. */
export class KubectlError extends Error {
  readonly code: number | null;

  constructor(parameters: readonly string[], code: number | null, said: string) {
    super(said.trim() || `kubectl ${parameters.join(" ")} ended with ${code} and without a word`);
    this.name = "KubectlError";
    this.code = code;
  }
}

/** Longer than any call here takes, `kubectl wait` included. */
const limitMs = 120_000;

/**
 * Calls a kubectl binary on one cluster. It sees nothing of the person's own set-up.
 *
 * @param home a folder for what it keeps of its discovery
 */
export const makeKubectl =
  (program: string, kubeconfig: string, home: string): Kubectl =>
  (parameters, input = "") => {
    const child = spawn(program, ["--kubeconfig", kubeconfig, ...parameters], {
      env: { HOME: home, PATH: process.env["PATH"] },
      timeout: limitMs,
      killSignal: "SIGKILL",
    });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8");
      child[stream].on("data", (chunk: string) => (said[stream] += chunk));
    }
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(said.stdout);
      else reject(new KubectlError(parameters, code, said.stderr));
    });
    // One that ends without reading closes its side; its exit code tells the story.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    return promise;
  };
