import type { Match } from "../../safety/index.ts";
import type { ArmedFilter } from "./armed-filters.ts";
import type { Failure, Stage } from "./safety-log.ts";

/** A filter lets a text not pass. Thrown within the room, and told to the client in the wire's terms. */
export class FilterBlock extends Error {
  /** Such as `pii/email`; of a filter that could not judge, `filter/failed` or `filter/late`. */
  readonly rules: readonly string[];
  readonly place: string;

  constructor(armed: ArmedFilter, stage: Stage, place: string, found: readonly Match[] | Failure) {
    const rules = typeof found === "string" ? [`filter/${found}`] : rulesOf(found);
    const what = stage === "input" ? "request" : "answer";
    super(
      `The safety filter ${armed.entry.name} of the ${armed.owner} blocked the ${what}: ${rules.join(", ")}`,
    );
    this.name = "FilterBlock";
    this.rules = rules;
    this.place = place;
  }
}

const mostRules = 16;

const rulesOf = (matches: readonly Match[]): string[] =>
  [...new Set(matches.map(({ rule }) => rule))].slice(0, mostRules);
