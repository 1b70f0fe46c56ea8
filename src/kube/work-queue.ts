import { backoffDelay, type Random } from "../lib/index.ts";

interface QueueOptions {
  /** Does the work of one key. What it throws makes the key come back after a while. */
  work: (key: string) => Promise<void>;
  onError: (key: string, error: unknown) => void;
  random: Random;
  /** Milliseconds between the end of a key's run and its next, at least: a burst of changes becomes one run. */
  pauseMs?: number;
  /** How many keys are worked on at once. */
  concurrency?: number;
}

interface Entry {
  timer: NodeJS.Timeout | undefined;
  /**
   * When it is to run next, by `performance.now()`; infinite where nothing asked for it, and minus that
   * where it waits for its turn: no ask makes it wait there twice.
   */
  dueAt: number;
  notBefore: number;
  running: boolean;
  failures: number;
}

const retryBounds = { baseMs: 500, ceilingMs: 60_000 };

/** Keys to be worked on: each at most once at a time, however often it is added, with backoff after failures. */
export class WorkQueue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #idle = Promise.withResolvers<void>();
  #ready: string[] = [];
  #active = 0;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /**
   * Asks for the key, now or after some milliseconds; less than none is now. Of two asks the sooner
   * counts, and answers both.
   */
  add(key: string, afterMs = 0): void {
    if (this.#stopped) return;
    const entry = this.#entries.get(key) ?? this.#open(key);
    const dueAt = Math.max(performance.now() + afterMs, entry.notBefore);
    if (dueAt >= entry.dueAt) return;
    entry.dueAt = dueAt;
    if (!entry.running) this.#schedule(key, entry);
  }

  /** Takes no more, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#ready = [];
    if (this.#active === 0) this.#idle.resolve();
    await this.#idle.promise;
  }

  #open(key: string): Entry {
    const entry = {
      timer: undefined,
      dueAt: Number.POSITIVE_INFINITY,
      notBefore: 0,
      running: false,
      failures: 0,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #schedule(key: string, entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(
      () => {
        entry.dueAt = Number.NEGATIVE_INFINITY;
        this.#ready.push(key);
        this.#drain();
      },
      Math.max(0, entry.dueAt - performance.now()),
    );
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
    entry.running = true;
    entry.dueAt = Number.POSITIVE_INFINITY;
    try {
      await this.#options.work(key);
      entry.failures = 0;
    } catch (error) {
      this.#retry(key, entry);
      this.#options.onError(key, error);
    } finally {
      this.#active -= 1;
      entry.running = false;
      this.#settle(key, entry);
    }
  }

  #retry(key: string, entry: Entry): void {
    const jitter = 0.5 + this.#options.random() / 2;
    this.add(key, backoffDelay(entry.failures, retryBounds, jitter));
    entry.failures += 1;
  }

  #settle(key: string, entry: Entry): void {
    if (this.#stopped) {
      if (this.#active === 0) this.#idle.resolve();
      return;
    }
    const { pauseMs = 0 } = this.#options;
    entry.notBefore = performance.now() + pauseMs;
    entry.dueAt = Math.max(entry.dueAt, entry.notBefore);
    if (entry.dueAt < Number.POSITIVE_INFINITY) this.#schedule(key, entry);
    else if (pauseMs === 0) this.#entries.delete(key);
    else entry.timer = setTimeout(() => this.#entries.delete(key), pauseMs);
    this.#drain();
  }
}
