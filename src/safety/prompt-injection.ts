import { atOnce, type Steps } from "../lib/index.ts";
import { cueFinder } from "./cues.ts";
import { matchesOf } from "./detector.ts";
import { inOrder, type Filter, type Match, type Verdict } from "./filter.ts";
import { injectionAttempts } from "./injection-attempts.ts";

/** A tripwire for attempts to talk a model out of its instructions: cheap, and easy to step over. */
export function promptInjectionFilter(
  name: string,
  { thresholdPercent }: { thresholdPercent: number } = { thresholdPercent: 80 },
): Filter {
  const wanted = injectionAttempts.filter(({ sureness }) => sureness >= thresholdPercent);
  const cuesIn = cueFinder(wanted.map(({ cue = [] }) => cue));
  function* inSteps(text: string): Steps<Verdict> {
    const cues = cuesIn(text);
    const tried = wanted.filter(({ sign }, index) =>
      sign === undefined ? (cues & (1 << index)) !== 0 : sign.test(text),
    );
    if (tried.length === 0) return { filter: name, matches: [] };
    // Unit for unit, so that offsets stay.
    const plain = text.replaceAll(/[\t\u00a0]/g, " ");
    const matches: Match[] = [];
    for (const attempt of tried) {
      yield;
      for (const { 0: words, index } of matchesOf(attempt.pattern, plain)) {
        const rule = `prompt-injection/${attempt.name}`;
        matches.push({ rule, start: index, end: index + words.length });
      }
    }
    return { filter: name, matches: inOrder(matches) };
  }
  return { name, window: undefined, inspect: (text) => atOnce(inSteps(text)), inSteps };
}
