import { backoffDelay, type Random } from "../lib/index.ts";

interface QueueOptions {
  /** Does the work of one key. What it throws makes the key come back after a while. */
  work: (key: string) => Promise<void>;
  onError: (key: string, error: unknown) => void;
  random: Random;
  /** Milliseconds between two runs of one key, at least: a burst of changes becomes one run. */
  pauseMs?: number;
  /** How many keys are worked on at once. */
  concurrency?: number;
}

interface Entry {
  timer: NodeJS.Timeout | undefined;
  dueAt: number;
  running: boolean;
  /** Asked for while it ran. */
  again: boolean;
  failures: number;
}

const retryBounds = { baseMs: 500, ceilingMs: 60_000 };

/** Keys to be worked on: each at most once at a time, however often it is added, with backoff after failures. */
export class WorkQueue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  #ready: string[] = [];
  #active = 0;
  #stopped = false;
  #onIdle: (() => void) | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Asks for the key, now or after some milliseconds; of two asks the sooner counts. */
  add(key: string, afterMs = 0): void {
    if (this.#stopped) return;
    const entry = this.#entries.get(key) ?? this.#open(key);
    if (entry.running) entry.again = true;
    else this.#schedule(key, entry, afterMs);
  }

  /** Takes no more, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#ready = [];
    if (this.#active === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #open(key: string): Entry {
    const entry = {
      timer: undefined,
      dueAt: Number.POSITIVE_INFINITY,
      running: false,
      again: false,
      failures: 0,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #schedule(key: string, entry: Entry, afterMs: number): void {
    const dueAt = performance.now() + afterMs;
    if (dueAt >= entry.dueAt) return;
    clearTimeout(entry.timer);
    entry.dueAt = dueAt;
    entry.timer = setTimeout(() => {
      this.#ready.push(key);
      this.#drain();
    }, afterMs);
  }

  #drain(): void {
    while (this.#active < (this.#options.concurrency ?? 1)) {
      const key = this.#ready.shift();
      const entry = key === undefined ? undefined : this.#entries.get(key);
      if (key === undefined || entry === undefined) return;
      void this.#run(key, entry);
    }
  }

  async #run(key: string, entry: Entry): Promise<void> {
    this.#active += 1;
    Object.assign(entry, { running: true, again: false, dueAt: Number.POSITIVE_INFINITY });
    let retryAfter: number | undefined;
    try {
      await this.#options.work(key);
      entry.failures = 0;
    } catch (error) {
      this.#options.onError(key, error);
      retryAfter = backoffDelay(entry.failures, retryBounds, 0.5 + this.#options.random() / 2);
      entry.failures += 1;
    }
    this.#active -= 1;
    entry.running = false;
    this.#settle(key, entry, retryAfter);
    if (this.#active === 0) this.#onIdle?.();
    this.#drain();
  }

  #settle(key: string, entry: Entry, retryAfter: number | undefined): void {
    if (this.#stopped) return;
    if (entry.again) this.#schedule(key, entry, this.#options.pauseMs ?? 0);
    else if (retryAfter !== undefined) this.#schedule(key, entry, retryAfter);
    else this.#entries.delete(key);
  }
}
