import { spawn } from "node:child_process";

export interface ProgramCall {
  /** Milliseconds until it is killed. */
  limitMs: number;
  input?: string;
  cwd?: string;
  environment?: NodeJS.ProcessEnv;
}

/**
 * What a program said on its standard output.
 *
 * @throws Error with the end of what it said where it ended with another code than 0, or not in time
 */
export function runProgram(
  program: string,
  parameters: readonly string[],
  { limitMs, input = "", cwd, environment = process.env }: ProgramCall,
): Promise<string> {
  const child = spawn(program, parameters, {
    cwd,
    env: environment,
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
  child.on("close", (code, signal) => {
    if (code === 0) resolve(said.stdout);
    else reject(new Error(complaint([program, ...parameters], code ?? signal, said)));
  });
  // One that ends without reading closes its side; its exit code tells the story.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return promise;
}

function complaint(
  command: readonly string[],
  ending: number | string | null,
  said: { stdout: string; stderr: string },
): string {
  const words = (said.stderr.trim() || said.stdout.trim()).split("\n").slice(-15).join("\n");
  return `${command.join(" ").slice(0, 300)} ended with ${ending}:\n${words}`;
}
