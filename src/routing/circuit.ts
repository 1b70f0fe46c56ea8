import type { BackendEntry } from "../table/index.ts";
import { DecayingShare } from "./decaying-share.ts";

/** Closed: as usual. Open: ejected. Half-open: one request at a time finds out whether it is well again. */
export type CircuitState = "closed" | "open" | "half_open";

/** Why a backend was ejected; a closed set, for metrics, logs and `/table`. */
export type EjectionReason =
  | "consecutive_failures"
  | "error_share"
  | "slow_share"
  | "throttled"
  | "probe_failed";

/** When a backend is ejected, and for how long; absent: never. */
export type Outlier = BackendEntry["outlier"];

/** What an attempt says of its backend: where it streams, once when it is answered and once at its end. */
export interface Verdict {
  /**
   * Answered is a stream that has shown its first content; ok and failed are ends. None says nothing:
   * the client left, another attempt won, the request itself was at fault.
   */
  result: "answered" | "ok" | "failed" | "none";
  /** Left out where it is not known, or was told before. */
  slow?: boolean | undefined;
  /** Set where it failed because we left before the backend's own bound. */
  early?: boolean | undefined;
  /** Set where it failed by what a request can bring about: it counts in the share of failures, and in no row. */
  inShareOnly?: boolean | undefined;
  /** How long the backend asked to be left alone. */
  retryAfterMs?: number | undefined;
}

/** An attempt as its circuit knows it. */
export interface CircuitCall {
  /** How often the backend had been ejected when it began: what is older than an ejection is no news. */
  readonly epoch: number;
  readonly beganAt: number;
  /** Whether it holds the one place that a half-open circuit has. */
  probe: boolean;
  /** Whether it has proved that the backend is well: its end does not do so again. */
  proven: boolean;
}

/** Half a minute ago counts half: "recent" in the description of the shares. */
const shareHalfLifeMs = 30_000;
/** Shares of fewer attempts than this condemn nobody. */
const leastVolume = 10;
/** So many attempts in a row must go well before a backend is trusted again. */
const proofsNeeded = 3;
/** Ejections grow up to this many times `ejectFor`; a longer Retry-After is not believed either. */
const longestEjections = 10;
/** Routers that ejected at the same moment must not come back at the same one. */
const jitter = 0.25;

/** The state machine of one backend: constant in size and time, without timers; times are milliseconds of one clock. */
export class Circuit {
  #state: CircuitState = "closed";
  #since: number;
  #until = 0;
  #reason: EjectionReason | null = null;
  #epoch = 0;
  #failuresInRow = 0;
  /** When an attempt that we left early was last counted in the row. */
  #leftAt = -Infinity;
  #errors = new DecayingShare(shareHalfLifeMs, 0);
  #slow = new DecayingShare(shareHalfLifeMs, 0);
  /** Ejections that followed one another closely: each is twice as long as the one before. */
  #streak = 0;
  #lastEjectionMs = 0;
  #proofs = 0;
  /** The probe's place is free from here on: an attempt that were never ended could not keep it for good. */
  #probeFreeAt = 0;
  /** When it was last called. */
  calledAt = -Infinity;

  constructor(now: number) {
    this.#since = now;
  }

  stateAt(now: number): CircuitState {
    return this.#state === "open" && now >= this.#until ? "half_open" : this.#state;
  }

  /** Whether a request may take the backend like any other. */
  admits(now: number): boolean {
    if (this.#state === "closed") return true;
    return this.stateAt(now) === "half_open" && now >= this.#probeFreeAt;
  }

  get reason(): EjectionReason | null {
    return this.#reason;
  }

  /** Whether it has shown signs of life since it was ejected. */
  get recovering(): boolean {
    return this.#state === "half_open" && this.#proofs > 0;
  }

  /** @param longestMs no attempt lasts longer than this */
  begin(longestMs: number, now: number): CircuitCall {
    if (this.#state === "open" && now >= this.#until) this.#enter("half_open", this.#until);
    const probe = this.#state === "half_open" && this.admits(now);
    if (probe) this.#probeFreeAt = now + longestMs;
    this.calledAt = now;
    return { epoch: this.#epoch, beganAt: now, probe, proven: false };
  }

  /**
   * Takes what an attempt says; the first content of a stream is said before its end.
   *
   * @returns the reason if the backend was ejected by it, "recovered" if it is back
   */
  note(
    call: CircuitCall,
    verdict: Verdict,
    { outlier, random, now }: { outlier: Outlier; random: number; now: number },
  ): EjectionReason | "recovered" | undefined {
    if (call.epoch !== this.#epoch || outlier === undefined) return undefined;
    if (call.probe) this.#probeFreeAt = 0;
    call.probe = false;
    this.#count(call, verdict, now);
    const reason = this.#condemnedFor(verdict, outlier, now);
    if (reason !== undefined) return this.#eject(reason, verdict, { outlier, random, now });
    return this.#proves(verdict) ? this.#prove(call, now) : undefined;
  }

  /** What `/table` shows of it; times by the same clock. */
  describe(now: number): CircuitFacts {
    const state = this.stateAt(now);
    return {
      state,
      since: state === this.#state ? this.#since : this.#until,
      reason: this.#reason,
      until: state === "open" ? this.#until : null,
      failuresInRow: this.#failuresInRow,
      errorShare: this.#errors.share(now),
      slowShare: this.#slow.share(now),
    };
  }

  #count(call: CircuitCall, verdict: Verdict, now: number): void {
    const { result, slow, inShareOnly } = verdict;
    if (slow !== undefined) this.#slow.observe(slow ? 1 : 0, 1, now);
    // A stream that is answered may break all the same: its end decides.
    if (result === "none" || result === "answered") return;
    const failed = result === "failed";
    this.#errors.observe(failed ? 1 : 0, 1, now);
    if (!failed) this.#failuresInRow = 0;
    else if (inShareOnly !== true) this.#countInRow(call, verdict, now);
  }

  #countInRow(call: CircuitCall, { early }: Verdict, now: number): void {
    if (early !== true) this.#failuresInRow += 1;
    // Those that one hiccup made us leave together are no row.
    else if (call.beganAt >= this.#leftAt) {
      this.#failuresInRow += 1;
      this.#leftAt = now;
    }
  }

  #proves({ result, slow }: Verdict): boolean {
    if (slow === true && this.#reason === "slow_share") return false;
    return result === "ok" || result === "answered";
  }

  #condemnedFor(
    verdict: Verdict,
    outlier: NonNullable<Outlier>,
    now: number,
  ): EjectionReason | undefined {
    const { result, slow } = verdict;
    const failed = result === "failed";
    if (failed && asksForTime(verdict)) return "throttled";
    if (this.#state === "open") return undefined;
    if (this.#state === "half_open") return this.#isStillIll(verdict) ? "probe_failed" : undefined;
    if (failed) return this.#failing(outlier, now);
    return slow === true ? this.#slowing(outlier, now) : undefined;
  }

  /** What says little by itself condemns only where it is what the backend was ejected for. */
  #isStillIll({ result, slow, inShareOnly }: Verdict): boolean {
    if (slow === true && this.#reason === "slow_share") return true;
    return result === "failed" && (inShareOnly !== true || this.#reason === "error_share");
  }

  #slowing(outlier: NonNullable<Outlier>, now: number): EjectionReason | undefined {
    return reaches(this.#slow, outlier.slowPercent, now) ? "slow_share" : undefined;
  }

  #failing(outlier: NonNullable<Outlier>, now: number): EjectionReason | undefined {
    if (this.#failuresInRow >= outlier.consecutiveFailures) return "consecutive_failures";
    return reaches(this.#errors, outlier.errorPercent, now) ? "error_share" : undefined;
  }

  #eject(
    reason: EjectionReason,
    { retryAfterMs = 0 }: Verdict,
    { outlier, random, now }: { outlier: NonNullable<Outlier>; random: number; now: number },
  ): EjectionReason | undefined {
    const longestMs = outlier.ejectForMs * longestEjections;
    const spread = 1 + jitter * random;
    if (reason === "throttled") {
      const until = now + Math.min(retryAfterMs, longestMs) * spread;
      if (this.#state === "open" && now < this.#until) {
        this.#until = Math.max(this.#until, until);
        return undefined;
      }
      this.#until = until;
    } else {
      if (this.#state === "closed" && now - this.#since >= 2 * this.#lastEjectionMs)
        this.#streak = 0;
      this.#lastEjectionMs = Math.min(outlier.ejectForMs * 2 ** this.#streak, longestMs);
      this.#streak += 1;
      this.#until = now + this.#lastEjectionMs * spread;
    }
    // What it was ejected for at first stays the reason until it has recovered.
    if (reason !== "probe_failed") this.#reason = reason;
    this.#epoch += 1;
    this.#enter("open", now);
    return reason;
  }

  #prove(call: CircuitCall, now: number): "recovered" | undefined {
    if (call.proven) return undefined;
    call.proven = true;
    if (this.#state === "closed") return undefined;
    if (this.#state === "open") this.#enter("half_open", now);
    this.#proofs += 1;
    if (this.#proofs < proofsNeeded) return undefined;
    this.#enter("closed", now);
    this.#reason = null;
    this.#failuresInRow = 0;
    this.#errors = new DecayingShare(shareHalfLifeMs, 0);
    this.#slow = new DecayingShare(shareHalfLifeMs, 0);
    return "recovered";
  }

  #enter(state: CircuitState, since: number): void {
    this.#state = state;
    this.#since = since;
    this.#proofs = 0;
    this.#probeFreeAt = 0;
  }
}

export interface CircuitFacts {
  state: CircuitState;
  /** Null where it has not been called yet. */
  since: number | null;
  /** What it was last ejected for; null where it is closed. */
  reason: EjectionReason | null;
  /** When it may be probed; null unless it is open. */
  until: number | null;
  failuresInRow: number;
  /** From 0 to 1, of recent attempts. */
  errorShare: number;
  slowShare: number;
}

const asksForTime = ({ retryAfterMs = 0 }: Verdict): boolean => retryAfterMs > 0;

function reaches(share: DecayingShare, percent: number, now: number): boolean {
  return share.weight(now) >= leastVolume && share.share(now) * 100 >= percent;
}
