import { StoreLate } from "./connection.ts";

export interface StoreCircuitSettings {
  /** Resolves where the store answers again, and rejects where it does not; has a bound of its own. */
  probe: () => Promise<unknown>;
  onChange: (isOpen: boolean, reason: string) => void;
  probeEveryMs?: number;
}

/** One slow answer is an accident; a store that hangs must not cost every request its wait. */
const timeoutsToOpen = 3;

const usualProbeMs = 250;

/**
 * Whether the store is asked at all. It opens with a lost connection or an error at once, with answers
 * that are late after a few, and closes when a probe in the background has been answered.
 */
export class StoreCircuit {
  readonly #settings: StoreCircuitSettings;
  #late = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #closed = false;

  constructor(settings: StoreCircuitSettings) {
    this.#settings = settings;
  }

  /** Open: the store is not to be asked. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  noteAnswer(): void {
    this.#late = 0;
  }

  noteFailure(error: unknown): void {
    if (this.#isOpen) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#late += 1;
    if (error instanceof StoreLate && this.#late < timeoutsToOpen) return;
    this.#isOpen = true;
    this.#settings.onChange(true, reason);
    this.#probeSoon();
  }

  /** Leaves no timer behind. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #probeSoon(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#probe(), this.#settings.probeEveryMs ?? usualProbeMs);
    this.#timer.unref();
  }

  async #probe(): Promise<void> {
    try {
      await this.#settings.probe();
    } catch {
      this.#probeSoon();
      return;
    }
    if (this.#closed) return;
    this.#late = 0;
    this.#isOpen = false;
    this.#settings.onChange(false, "");
  }
}
