import type { Clock, Random } from "../lib/index.ts";
import type { BackendEntry, RoutingTable } from "../table/index.ts";
import {
  Circuit,
  type CircuitCall,
  type CircuitFacts,
  type EjectionReason,
  type Verdict,
} from "./circuit.ts";

/** An attempt as its backend's health knows it, from its beginning to its end. */
export interface HealthTicket extends CircuitCall {
  readonly backend: BackendEntry;
  readonly circuit: Circuit;
  /** Whether the backend was ejected, and was called for want of any other. */
  readonly lastResort: boolean;
}

/** Told when a backend is ejected, and when it has recovered. */
export interface HealthChange {
  backend: string;
  /** Null where it has recovered. */
  ejectedFor: EjectionReason | null;
}

const notCalledYet: CircuitFacts = {
  state: "closed",
  since: null,
  reason: null,
  until: null,
  failuresInRow: 0,
  errorShare: 0,
  slowShare: 0,
};

/**
 * Which backends are ejected, by what their attempts said: the state of one router, which neither
 * asks others nor makes a call of its own. One circuit a backend, made when it is first called.
 */
export class BackendHealth {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onChange: (change: HealthChange) => void;
  readonly #circuits = new Map<string, Circuit>();

  constructor(
    clock: Clock,
    random: Random,
    onChange: (change: HealthChange) => void = () => undefined,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#onChange = onChange;
  }

  /** Whether the backend may be called: it is not ejected, or is to be probed and nobody is at it. */
  admits({ name }: BackendEntry): boolean {
    return this.#circuits.get(name)?.admits(this.#clock.elapsed()) ?? true;
  }

  /** What an ejected backend was ejected for. */
  ejectedFor({ name }: BackendEntry): EjectionReason | null {
    return this.#circuits.get(name)?.reason ?? null;
  }

  /**
   * Of backends that are ejected or full the one to call where there is no other: first one that is
   * well and merely full, then one that has shown signs of life, then one that is merely slow, then the
   * one that was left alone longest, so that in turn each of them is tried and the first to be well
   * again is found.
   */
  lastResort(backends: readonly BackendEntry[]): BackendEntry | undefined {
    let best: BackendEntry | undefined;
    for (const backend of backends) {
      if (best === undefined || this.#isBetterResort(backend, best)) best = backend;
    }
    return best;
  }

  /** Begins an attempt. Whoever calls this has asked `admits`, or has no other backend left. */
  begin(backend: BackendEntry): HealthTicket {
    const now = this.#clock.elapsed();
    const circuit = this.#circuitOf(backend.name, now);
    const lastResort = !circuit.admits(now);
    const call = circuit.begin(backend.timeouts.totalMs, now);
    return { ...call, backend, circuit, lastResort };
  }

  /** Takes what the attempt says of its backend: when its first content comes, and when it ends. */
  note(ticket: HealthTicket, verdict: Verdict): void {
    const { backend, circuit } = ticket;
    const judge = {
      outlier: backend.outlier,
      random: this.#random(),
      now: this.#clock.elapsed(),
    };
    const change = circuit.note(ticket, verdict, judge);
    if (change === undefined) return;
    const ejectedFor = change === "recovered" ? null : change;
    this.#onChange({ backend: backend.name, ejectedFor });
  }

  /** What is known of the backend; times are by the clock's `elapsed()`. */
  describe(backend: string): CircuitFacts {
    return this.#circuits.get(backend)?.describe(this.#clock.elapsed()) ?? notCalledYet;
  }

  /**
   * Forgets what a newly loaded table no longer holds, or never ejects: what its attempts say would not
   * be heard, and an ejected one would stay so.
   */
  retain({ backends }: Pick<RoutingTable, "backends">): void {
    for (const name of this.#circuits.keys()) {
      if (backends[name]?.outlier === undefined) this.#circuits.delete(name);
    }
  }

  #isBetterResort(left: BackendEntry, right: BackendEntry): boolean {
    const [one, other] = [this.#circuits.get(left.name), this.#circuits.get(right.name)];
    if (one === undefined || other === undefined) return one === undefined && other !== undefined;
    const now = this.#clock.elapsed();
    const full = Number(one.admits(now)) - Number(other.admits(now));
    const lives = Number(one.recovering) - Number(other.recovering);
    const answers = Number(one.reason === "slow_share") - Number(other.reason === "slow_share");
    return (full || lives || answers || other.calledAt - one.calledAt) > 0;
  }

  #circuitOf(name: string, now: number): Circuit {
    let circuit = this.#circuits.get(name);
    if (circuit === undefined) {
      circuit = new Circuit(now);
      this.#circuits.set(name, circuit);
    }
    return circuit;
  }
}
