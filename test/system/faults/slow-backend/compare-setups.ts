import { figuresOf } from "./figures.ts";
import type { Compared } from "./report.ts";
import { Setup } from "./setup.ts";
import { lateByMs } from "./that-week.ts";

export interface Comparison {
  scale: number;
  /** Of each set-up. */
  requests: number;
  /** No round begins later than this. */
  seconds: number;
  say: (line: string) => void;
}

/** Small rounds in turn: what else the machine does meets all set-ups alike. */
const requestsOfRound = 40;

/** Of the models' own time. */
const perSecond = 4;

/** Code that has just been loaded is slow whatever it does: these requests are not counted. */
const warmUp = 100;

/** Asks the set-ups in turn; each learns from its own traffic alone, the late calls from the first on. */
export async function compareSetups(comparison: Comparison): Promise<Compared> {
  const { scale } = comparison;
  const late = { scale, lateByMs: lateByMs / scale };
  await warm(scale);
  const setups: Setup[] = [];
  try {
    setups.push(await Setup.open({ scale, isProtected: true }));
    setups.push(await Setup.open({ ...late, isProtected: true }));
    setups.push(await Setup.open({ ...late, isProtected: false }));
    await askInTurn(setups, comparison);
    const figures = [];
    for (const setup of setups) figures.push(figuresOf(await setup.outcome()));
    const [quiet, slow, unprotected] = figures;
    if (!quiet || !slow || !unprotected) throw new Error("A set-up was not measured");
    return { quiet, slow, unprotected };
  } finally {
    await Promise.all(setups.map(async (setup) => setup.close()));
  }
}

async function warm(scale: number): Promise<void> {
  const setup = await Setup.open({ scale, isProtected: true });
  try {
    await setup.ask(warmUp, perSecond * scale);
  } finally {
    await setup.close();
  }
}

async function askInTurn(
  setups: readonly Setup[],
  { requests, seconds, scale, say }: Comparison,
): Promise<void> {
  const startedAt = performance.now();
  const secondsGone = () => (performance.now() - startedAt) / 1_000;
  const order = [...setups];
  let asked = 0;
  while (asked < requests && secondsGone() < seconds) {
    const count = Math.min(requestsOfRound, requests - asked);
    for (const setup of order) await setup.ask(count, perSecond * scale);
    order.push(...order.splice(0, 1));
    asked += count;
    const rounds = asked / requestsOfRound;
    if (rounds % 10 === 0) say(`${asked} requests of each set-up, ${secondsGone().toFixed(0)} s`);
  }
}
