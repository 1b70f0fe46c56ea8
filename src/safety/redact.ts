import type { Match } from "./filter.ts";

/** What stands in the place of what was found. */
export type StandIn = (match: Match, found: string) => string;

/** A whole text with what was found replaced. */
export function redact(text: string, matches: readonly Match[], standIn: StandIn): string {
  let redacted = "";
  let out = 0;
  for (const match of matches) {
    if (match.end <= out) continue;
    const start = Math.max(out, match.start);
    redacted += text.slice(out, start) + standIn(match, text.slice(start, match.end));
    out = match.end;
  }
  return redacted + text.slice(out);
}
