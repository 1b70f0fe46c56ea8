import { readdir, readFile } from "node:fs/promises";
import type { Cluster } from "./cluster.ts";
import { words } from "./words.ts";

export interface Pod {
  name: string;
  uid: string;
  restarts: number;
}

interface Listed {
  items: {
    metadata: { name: string; uid: string; deletionTimestamp?: string };
    status: { containerStatuses?: { restartCount: number }[] };
  }[];
}

/** The pods with a label, but for those that are going. */
export async function listPods(
  { kubectl }: Cluster,
  namespace: string,
  label: string,
): Promise<Pod[]> {
  const { items } = JSON.parse(
    await kubectl(words`-n ${namespace} get pods -l ${label} -o json`),
  ) as Listed;
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata: { name, uid }, status }) => ({
      name,
      uid,
      restarts: (status.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0),
    }))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** Ends a pod's processes with SIGKILL, as a crash would; its sandbox stays, so it is restarted. */
export async function killPod({ uid, name }: Pod): Promise<void> {
  const killed: number[] = [];
  // Where systemd makes the groups, it takes dashes for levels.
  const inside = (cgroup: string): boolean =>
    [uid, uid.replaceAll("-", "_")].some((id) => cgroup.includes(`pod${id}`));
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const cgroup = await readFile(`/proc/${entry}/cgroup`, "utf8").catch(() => "");
    const program = await readFile(`/proc/${entry}/comm`, "utf8").catch(() => "");
    if (!inside(cgroup) || program.trim() === "pause") continue;
    process.kill(Number(entry), "SIGKILL");
    killed.push(Number(entry));
  }
  if (killed.length === 0) throw new Error(`Pod ${name} has no process here`);
}
