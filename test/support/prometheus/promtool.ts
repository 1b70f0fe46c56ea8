import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { resolveBinaries, resolveLimitMs } from "../kube/binaries.ts";

/** For hooks in which Prometheus may first have to be built. */
export const prometheusBuildLimitMs = resolveLimitMs;

const run = promisify(execFile);

/** @throws Error for a person where they can neither be found nor built */
export async function prometheusBinaries(): Promise<Record<"prometheus" | "promtool", string>> {
  const binaries = await resolveBinaries(["prometheus", "promtool"]);
  if (!binaries.ok) throw new Error(binaries.error);
  return binaries.value;
}

/**
 * Runs promtool and gives what it printed.
 *
 * @throws Error with all that it printed where it ends with anything but 0
 */
export async function promtool(...parameters: readonly string[]): Promise<string> {
  const { promtool: program } = await prometheusBinaries();
  try {
    const { stdout, stderr } = await run(program, parameters, {
      timeout: 120_000,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout + stderr;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool ${parameters.join(" ")} failed:\n${stdout}${stderr}`, {
      cause: error,
    });
  }
}
