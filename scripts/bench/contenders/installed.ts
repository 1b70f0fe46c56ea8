import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, exists, withLock } from "../../../test/support/cache-folder.ts";

/** The slowest of the installers takes two minutes here. */
const stepMs = 540_000;

/** Where another gateway of this name and version is, or will be. */
export const installFolder = (name: string, version: string): string =>
  join(cacheFolder(process.env), `bench-${name}-${version}`);

/**
 * Installs another gateway once, for this run and every later one. It is no dependency of the project.
 *
 * @param steps commands that are run in the folder, one after the other
 * @throws Error with the installer's words
 */
export async function install(
  folder: string,
  steps: readonly (readonly string[])[],
): Promise<void> {
  const ready = join(folder, "ready");
  await withLock(folder, steps.length * stepMs, async () => {
    if (await exists(ready)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const step of steps) await take(step, folder);
    await writeFile(ready, "");
  });
}

async function take(
  [program = "", ...parameters]: readonly string[],
  folder: string,
): Promise<void> {
  try {
    await promisify(execFile)(program, parameters, { cwd: folder, timeout: stepMs });
  } catch (cause) {
    const { stderr = "", message } = cause as Error & { stderr?: string };
    throw new Error(`${program} failed: ${stderr.trim() || message}`, { cause });
  }
}
