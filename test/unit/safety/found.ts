import { makeFilter, type Filter } from "../../../src/safety/index.ts";
import type { OwnFilterSettings } from "../../../src/table/index.ts";

/** @throws where the settings make no filter */
export function filterOf(settings: OwnFilterSettings): Filter {
  const made = makeFilter(settings);
  if (!made.ok) throw new Error(made.error);
  return made.value;
}

/** What a filter finds, as `rule: text`; verdicts hold no text, so that it is cut out here. */
export const found = (filter: Filter, text: string): string[] =>
  filter.inspect(text).matches.map(({ rule, start, end }) => `${rule}: ${text.slice(start, end)}`);
