import { setTimeout as sleep } from "node:timers/promises";

export interface Awaited {
  /** What is waited for, as a sentence would say it: "the API server is ready". */
  that: string;
  limitMs: number;
  /** Throws where waiting has become pointless. */
  unless?: () => Promise<void>;
  /** What to tell where the time is over. */
  tell: () => Promise<string>;
}

/** @throws Error naming what did not come true, with what `tell` gives */
export async function awaitCondition(
  holds: () => Promise<boolean>,
  { that, limitMs, unless, tell }: Awaited,
): Promise<void> {
  const giveUpAt = Date.now() + limitMs;
  while (!(await holds())) {
    await unless?.();
    if (Date.now() > giveUpAt) {
      throw new Error(`After ${limitMs} ms it was still not so that ${that}:\n${await tell()}`);
    }
    await sleep(100);
  }
}
