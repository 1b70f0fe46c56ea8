import { hashText, seededRandom } from "../../lib/index.ts";

import { faultKinds, parseFault, type Fault } from "./fault.ts";

/** A fault that was set: its id, and how often it has acted. */
export interface SetFault extends Fault {
  id: string;
  applied: number;
}

/** What a call is, for the faults that may meet it. */
export interface FaultTarget {
  /** The catalogue's id and the name that the client sent. */
  names: readonly string[];
  stream: boolean;
  chat: boolean;
}

/** The faults in force. The first set fault that matches a call and whose draw falls on it acts; at most one does. */
export class FaultBook {
  readonly #seed: number;
  #entries: { fault: SetFault; draws: number }[] = [];
  #made = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * Adds a fault.
   *
   * @throws RangeError with a sentence on what is wrong with it
   */
  set(fault: Fault): SetFault {
    const parsed = parseFault(fault);
    if (!parsed.ok) throw new RangeError(parsed.error);
    this.#made += 1;
    const entry = { fault: { ...parsed.value, id: `f${this.#made}`, applied: 0 }, draws: 0 };
    this.#entries.push(entry);
    return { ...entry.fault };
  }

  /** Removes one fault, or all; says how many went. */
  clear(id?: string): number {
    const before = this.#entries.length;
    this.#entries = id === undefined ? [] : this.#entries.filter((entry) => entry.fault.id !== id);
    return before - this.#entries.length;
  }

  list(): SetFault[] {
    return this.#entries.map((entry) => ({ ...entry.fault }));
  }

  /** The fault that this call meets, counted as applied. */
  draw(target: FaultTarget): Fault | undefined {
    for (const entry of this.#entries) {
      const { fault } = entry;
      if (!matches(fault, target) || fault.applied >= (fault.count ?? Infinity)) continue;
      entry.draws += 1;
      if (!this.#falls(fault, entry.draws)) continue;
      fault.applied += 1;
      return fault;
    }
    return undefined;
  }

  // Depends on the order of the calls alone, so a test that repeats its calls repeats its faults.
  #falls(fault: SetFault, draw: number): boolean {
    const share = fault.share ?? 100;
    return (
      share >= 100 || seededRandom(hashText(`${this.#seed}|${fault.id}|${draw}`))() * 100 < share
    );
  }
}

function matches(fault: Fault, target: FaultTarget): boolean {
  if (fault.model !== "*" && !target.names.includes(fault.model)) return false;
  const reach = faultKinds[fault.kind];
  if (reach === "stream") return target.stream;
  return reach !== "answer" || target.chat;
}
