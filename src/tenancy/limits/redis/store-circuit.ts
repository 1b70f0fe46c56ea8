import { isAnswered, StoreLate } from "./connection.ts";

export interface StoreCircuitSettings {
  /** Resolves where the place's server can be written to, and rejects where it cannot; has a bound of its own. */
  probe: (place: string) => Promise<unknown>;
  onChange: (isOpen: boolean, reason: string) => void;
  probeEveryMs?: number;
}

/** One slow answer is an accident; a store that hangs must not cost every request its wait. */
const timeoutsToOpen = 3;

const usualProbeMs = 250;

/**
 * Whether the store is asked at all. It opens with a lost connection at once, with answers that are late
 * after a few, and closes when a probe in the background has been written. An error that the server
 * answered may be of one tenant's keys: it opens where a probe is answered so as well.
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

  /**
   * @param place what was asked for: in a cluster not every server need be away
   * @returns whether the store works all the same, and the call alone is at fault
   */
  async noteFailure(error: unknown, place: string): Promise<boolean> {
    if (isAnswered(error) && (await this.#works(place))) return true;
    this.#count(error, place);
    return false;
  }

  #works(place: string): Promise<boolean> {
    return this.#settings.probe(place).then(
      () => true,
      () => false,
    );
  }

  #count(error: unknown, place: string): void {
    if (this.#isOpen) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#late += 1;
    if (error instanceof StoreLate && this.#late < timeoutsToOpen) return;
    this.#isOpen = true;
    this.#settings.onChange(true, reason);
    this.#probeSoon(place);
  }

  /** Leaves no timer behind. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #probeSoon(place: string): void {
    if (this.#closed) return;
    const everyMs = this.#settings.probeEveryMs ?? usualProbeMs;
    this.#timer = setTimeout(() => void this.#probe(place), everyMs);
    this.#timer.unref();
  }

  async #probe(place: string): Promise<void> {
    if (!(await this.#works(place))) {
      this.#probeSoon(place);
      return;
    }
    if (this.#closed) return;
    this.#late = 0;
    this.#isOpen = false;
    this.#settings.onChange(false, "");
  }
}
