import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The folder in which test runs keep what is slow to fetch; XDG_CACHE_HOME is honoured. */
export const cacheFolder = (environment: NodeJS.ProcessEnv): string =>
  join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "switchyard");

/** Whether a file or folder is there. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Runs `act` while no other process runs one for the same path. Folders are made atomically, so
 * one that was made is the lock; the lock of a process that has died is taken over.
 *
 * @throws Error where the lock is not free within `waitMs`
 */
export async function withLock<T>(path: string, waitMs: number, act: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await mkdir(join(path, ".."), { recursive: true });
  const giveUpAt = Date.now() + waitMs;
  while (!(await takeLock(lock))) {
    if (Date.now() > giveUpAt)
      throw new Error(`Waited ${waitMs} ms for ${lock}: remove it if nothing uses it`);
    await sleep(250);
  }
  try {
    return await act();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(join(lock, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (await isAbandoned(lock)) await rm(lock, { recursive: true, force: true });
    return false;
  }
}

// A lock without a process id is being made or was left half made: it counts only when it is old.
async function isAbandoned(lock: string): Promise<boolean> {
  const pid = Number(await readFile(join(lock, "pid"), "utf8").catch(() => "0"));
  if (pid > 0) return !isRunning(pid);
  const made = await stat(lock).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > 10_000;
}

/** Whether a process of this machine has the id. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
