import { setTimeout as pause } from "node:timers/promises";

// What a router holds open: others come and go with the machinery of tests.
const held = ["TCPSocketWrap", "TCPServerWrap", "FSEventWrap", "Timeout"];

/** A test's own time limits. */
const timersOfTests = 2;

/** What keeps this process busy, by kind. */
export function countResources(): Record<string, number> {
  const counts = Object.fromEntries(held.map((kind) => [kind, 0]));
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind in counts) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** What is open beyond what was before, once sockets had time to close; nothing is well. */
export async function settledResources(
  before: Readonly<Record<string, number>>,
): Promise<Record<string, number>> {
  for (let round = 0; ; round += 1) {
    const now = countResources();
    const left = Object.entries(now)
      .map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
      .filter(([kind, count]) => count > (kind === "Timeout" ? timersOfTests : 0));
    if (left.length === 0 || round === 100) return Object.fromEntries(left);
    await pause(50);
  }
}
