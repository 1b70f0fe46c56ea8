import type { Match } from "../../safety/index.ts";
import type { ArmedFilter } from "./armed-filters.ts";

export type Stage = "input" | "output";

/** What was done with a text; from the mildest to the strongest. */
const measures = ["allow", "observe", "redact", "block"] as const;
export type Measure = (typeof measures)[number];

export type Failure = "failed" | "late";

/** A verdict that found something, or that could not be had. */
export interface Judgement {
  armed: ArmedFilter;
  stage: Stage;
  /** Of the text in the request or the answer, such as `messages[2].content`. */
  place: string;
  measure: Measure;
  failure: Failure | null;
  matches: Match[];
  /** Whose answer it is; null for the client's texts. */
  backend: string | null;
}

/** What one filter did at one stage of a request, over all its texts. */
export interface Tally {
  armed: ArmedFilter;
  stage: Stage;
  measure: Measure;
  failure: Failure | null;
  rules: ReadonlySet<string>;
  /** By the clock's `elapsed()`; when it first looked. */
  startedAt: number;
  /** Milliseconds that it looked, in all. */
  ms: number;
}

/** Of filters that found nothing, nearly all: one for them all. */
const noRules: ReadonlySet<string> = new Set();

const stronger = (one: Measure, other: Measure): Measure =>
  measures.indexOf(one) >= measures.indexOf(other) ? one : other;

/** What filters did with a request, for the record, the safety records, metrics and spans. Never the texts. */
export class SafetyLog {
  readonly judgements: Judgement[] = [];
  readonly tallies: Tally[] = [];

  /** Notes that a filter has looked. */
  looked(armed: ArmedFilter, stage: Stage, times: { startedAt: number; ms: number }): Tally {
    const tally = this.#tallyOf(armed, stage, times.startedAt);
    tally.ms += times.ms;
    return tally;
  }

  note(judgement: Judgement): Judgement {
    const { armed, stage, measure, failure, matches } = judgement;
    this.judgements.push(judgement);
    const tally = this.#tallyOf(armed, stage, 0);
    tally.measure = stronger(tally.measure, measure);
    tally.failure ??= failure;
    addRules(tally, matches);
    return judgement;
  }

  /** Of a text in pieces: what more of it was found. */
  extend(judgement: Judgement, matches: readonly Match[]): void {
    const { armed, stage } = judgement;
    // One by one: there may be more than a call takes arguments.
    for (const match of matches) judgement.matches.push(match);
    addRules(this.#tallyOf(armed, stage, 0), matches);
  }

  /** The strongest measure that was taken. */
  get measure(): Measure {
    return this.tallies.reduce<Measure>(
      (strongest, { measure }) => stronger(strongest, measure),
      "allow",
    );
  }

  get rules(): string[] {
    if (this.judgements.length === 0) return [];
    return [...new Set(this.tallies.flatMap(({ rules }) => [...rules]))];
  }

  #tallyOf(armed: ArmedFilter, stage: Stage, startedAt: number): Tally {
    const known = this.tallies.find((tally) => tally.armed === armed && tally.stage === stage);
    if (known !== undefined) return known;
    const tally: Tally = {
      armed,
      stage,
      measure: "allow",
      failure: null,
      rules: noRules,
      startedAt,
      ms: 0,
    };
    this.tallies.push(tally);
    return tally;
  }
}

function addRules(tally: Tally, matches: readonly Match[]): void {
  if (matches.length > 0)
    tally.rules = new Set([...tally.rules, ...matches.map(({ rule }) => rule)]);
}
