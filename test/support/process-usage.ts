import { readFile } from "node:fs/promises";

/** What a process has used so far, as Linux counts it. */
export interface ProcessUsage {
  /** Of user and system together, since it began. */
  cpuMs: number;
  /** Resident memory now, and the most that it ever was. */
  rssMiB: number;
  peakRssMiB: number;
}

const ticksPerSecond = 100;

/** @throws where the process is gone, or the system has no /proc */
export async function processUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // The name, the second field, may hold spaces; after it comes the state, the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[11], fields[12]].map(Number);
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return {
    cpuMs: (((user ?? 0) + (system ?? 0)) * 1_000) / ticksPerSecond,
    rssMiB: mebibytes("VmRSS"),
    peakRssMiB: mebibytes("VmHWM"),
  };
}
