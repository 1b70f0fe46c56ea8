import { mkdir, readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = "/sys/fs/cgroup";
const prefix = "switchyard-cluster-";

/** Makes a cgroup below every controller, and removes those of runs that have died. */
export async function makeCgroup(): Promise<string> {
  const name = `${prefix}${process.pid}`;
  for (const hierarchy of await hierarchies()) {
    const leftovers = (await readdir(hierarchy)).filter((entry) => isAbandoned(entry));
    for (const entry of leftovers) await removeTree(join(hierarchy, entry));
    await mkdir(join(hierarchy, name), { recursive: true });
  }
  return `/${name}`;
}

/** Removes it once its processes are gone, for which it waits some seconds. */
export async function removeCgroup(cgroup: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, cgroup));
}

// Version 2 is one hierarchy; version 1 has one for each controller.
async function hierarchies(): Promise<string[]> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  return mounts
    .map((line) => line.split(" "))
    .filter(([, path, type]) => type?.startsWith("cgroup") && path?.startsWith(root))
    .map(([, path]) => path ?? root);
}

function isAbandoned(entry: string): boolean {
  if (!entry.startsWith(prefix)) return false;
  try {
    process.kill(Number(entry.slice(prefix.length)), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  }
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const error = await rmdir(folder).then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    );
    if (error?.code !== "EBUSY") return;
    await sleep(100);
  }
}
