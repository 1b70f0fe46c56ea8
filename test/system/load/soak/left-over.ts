import { setTimeout as sleep } from "node:timers/promises";
import type { SoakStage } from "./stage.ts";

/** What a router holds while nobody asks anything of it. */
export interface Idle {
  sockets: number;
  /** What keeps its event loop busy, by kind. */
  resources: Readonly<Record<string, number>>;
}

/** What it holds beyond that. */
export interface LeftOver extends Idle {
  /** Requests under way. */
  active: number;
}

/** Clients and mutated requests that broke off in the middle are waited for by the router's own bounds. */
const longestWaitMs = 40_000;

export async function idleOf(stage: SoakStage): Promise<Idle> {
  return { sockets: await stage.sockets(), resources: await stage.inspector.resources() };
}

/** What is left beyond what was before, once everything had time to end; nothing is well. */
export async function leftOver(stage: SoakStage, before: Idle): Promise<LeftOver> {
  const giveUpAt = performance.now() + longestWaitMs;
  for (;;) {
    const now = await idleOf(stage);
    const left = {
      active: await stage.metric("switchyard_requests_active"),
      sockets: Math.max(0, now.sockets - before.sockets),
      resources: beyond(now.resources, before.resources),
    };
    const isClean = left.active + left.sockets + Object.keys(left.resources).length === 0;
    if (isClean || performance.now() > giveUpAt) return left;
    await sleep(250);
  }
}

function beyond(now: Idle["resources"], before: Idle["resources"]): Record<string, number> {
  const more = Object.entries(now).map(
    ([kind, count]) => [kind, count - (before[kind] ?? 0)] as const,
  );
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}
