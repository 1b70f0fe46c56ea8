import { ProviderError } from "../providers/index.ts";
import type { BackendEntry, RoutingTable } from "../table/index.ts";

/** What a client is told to wait where every candidate has all the calls that it may have. */
const retryAfterMs = 1_000;

/** A call's place at its backend; it is held to the call's end and given back once. */
export interface Place {
  leave(): void;
}

/**
 * The calls that each backend has open and those that wait for a place, in the order in which they
 * came. A backend without `concurrency` has room for all; its calls are counted all the same.
 */
export class BackendPlaces {
  readonly #gates = new Map<string, Gate>();

  /** Whether a call would be let in at once. */
  isFree({ name }: BackendEntry): boolean {
    return this.#gates.get(name)?.isFree() ?? true;
  }

  /** Whether a call would be let in, or might wait. */
  hasRoom({ name }: BackendEntry): boolean {
    return this.#gates.get(name)?.hasRoom() ?? true;
  }

  /**
   * @param signal ends the wait
   * @returns a promise only where the call has to wait
   * @throws ProviderError `backend_busy` where there is no room; a promise rejects with it where the
   *   wait's bound passed, and with the signal's own reason where the wait ended for another
   */
  take({ name, concurrency }: BackendEntry, signal: AbortSignal): Place | Promise<Place> {
    return this.#gateOf(name, concurrency).take(signal);
  }

  /**
   * A place that nobody else is in need of. It keeps none from a call that comes later: where that one would
   * be one too many, `giveUp` is called, and the place counts as free from then on.
   *
   * @returns undefined where the backend has little to spare
   */
  takeSpare({ name, concurrency }: BackendEntry, giveUp: () => void): Place | undefined {
    return this.#gateOf(name, concurrency).takeSpare(giveUp);
  }

  /** How many calls are open, spare ones among them, and how many wait. */
  count(backend: string): { inFlight: number; queued: number } {
    const gate = this.#gates.get(backend);
    return { inFlight: gate?.open ?? 0, queued: gate?.queued ?? 0 };
  }

  /** Takes over the bounds of a newly loaded table; places that are held stay counted. */
  adopt({ backends }: Pick<RoutingTable, "backends">): void {
    for (const [name, gate] of this.#gates) {
      if (Object.hasOwn(backends, name)) gate.bound(backends[name]?.concurrency);
      else if (gate.open + gate.queued === 0) this.#gates.delete(name);
    }
  }

  #gateOf(name: string, concurrency: Concurrency): Gate {
    let gate = this.#gates.get(name);
    if (gate === undefined) {
      gate = new Gate(concurrency);
      this.#gates.set(name, gate);
    }
    return gate;
  }
}

type Concurrency = BackendEntry["concurrency"];

interface Waiting {
  admit(place: Place): void;
}

/** Of a backend's places: with more of them taken none is spare. */
const spareShare = 0.8;

class Gate {
  inFlight = 0;
  /** Those who hold a spare place, the one who came first before the others. */
  readonly #spare = new Set<() => void>();
  #concurrency: Concurrency;
  readonly #waiting = new Set<Waiting>();

  constructor(concurrency: Concurrency) {
    this.#concurrency = concurrency;
  }

  get open(): number {
    return this.inFlight + this.#spare.size;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  hasRoom(): boolean {
    return this.isFree() || this.#waiting.size < (this.#concurrency?.maxQueued ?? 0);
  }

  take(signal: AbortSignal): Place | Promise<Place> {
    if (this.isFree()) return this.#open();
    if (this.hasRoom() && !signal.aborted) return this.#wait(signal);
    throw new ProviderError("backend_busy", "The backend has all the calls that it may have", {
      retryAfterMs,
    });
  }

  takeSpare(giveUp: () => void): Place | undefined {
    if (this.open >= this.#most * spareShare || this.queued > 0) return undefined;
    // Not the caller's own: two may hold places by one function.
    const holder = () => giveUp();
    this.#spare.add(holder);
    return { leave: () => void this.#spare.delete(holder) };
  }

  bound(concurrency: Concurrency): void {
    this.#concurrency = concurrency;
    this.#admit();
  }

  isFree(): boolean {
    return this.inFlight < this.#most;
  }

  get #most(): number {
    return this.#concurrency?.max ?? Infinity;
  }

  #open(): Place {
    this.inFlight += 1;
    if (this.open > this.#most) this.#takeBack();
    let held = true;
    const leave = () => {
      if (!held) return;
      held = false;
      this.inFlight -= 1;
      this.#admit();
    };
    return { leave };
  }

  #takeBack(): void {
    const [giveUp] = this.#spare;
    if (giveUp === undefined) return;
    this.#spare.delete(giveUp);
    giveUp();
  }

  #wait(signal: AbortSignal): Promise<Place> {
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const waiting: Waiting = {
      admit: (place) => {
        signal.removeEventListener("abort", onAbort);
        resolve(place);
      },
    };
    const onAbort = () => {
      this.#waiting.delete(waiting);
      reject(endOfWait(signal.reason));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(waiting);
    return promise;
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (!this.isFree()) return;
      this.#waiting.delete(waiting);
      waiting.admit(this.#open());
    }
  }
}

/** A bound that passed in the queue says nothing of the backend, which has not been called. */
function endOfWait(reason: unknown): unknown {
  if (!(reason instanceof ProviderError)) return reason;
  return new ProviderError("backend_busy", "No place at the backend came free in time", {
    retryAfterMs,
    cause: reason,
  });
}
