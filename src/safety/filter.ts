import type { Steps } from "../lib/index.ts";

/** What a filter found: which rule, and where. Never the text itself, since verdicts are kept. */
export interface Match {
  /** Such as `pii/email` or `secrets/github-token`. */
  rule: string;
  /** Offsets in UTF-16 units; `end` is exclusive. */
  start: number;
  end: number;
}

/** A filter's judgement of one text. */
export interface Verdict {
  filter: string;
  /** By start; they may overlap, but none lies within another. */
  matches: readonly Match[];
}

/** Tells at little cost whether there may be anything in a text. */
export interface Hint {
  test: (text: string) => boolean;
}

/** Inspects a text as a whole, without I/O, in a time that grows no faster than the text. */
export interface Filter {
  name: string;
  /**
   * The most UTF-16 units, counted from the first of a match, that decide what the match is. Whoever
   * has so many behind a place, and as many before it, knows what begins there. `undefined` where
   * only the whole text tells.
   */
  window: number | undefined;
  /**
   * The offset before which no more text changes what begins there, where that is later than the
   * window alone would tell.
   */
  settled?: (text: string) => number;
  /**
   * What stands in every match or within 256 units before it: where a text lacks it there is nothing to
   * find, and a stream need not be looked at again and again.
   */
  hint?: Hint;
  /** @param before UTF-16 units of other texts that belong to it and stand before it; none unless told */
  inspect: (text: string, before?: number) => Verdict;
  /** The same with pauses, of a filter without a window that takes long over long texts. */
  inSteps?: (text: string) => Steps<Verdict>;
}

/** What a filter that asks somebody else is told of its call. */
export interface RemoteCall {
  stage: "Input" | "Output";
  /** Aborted once the verdict would come too late. */
  signal: AbortSignal;
}

export interface RemoteVerdict extends Verdict {
  /** Text units that it is billed by, where it is billed. */
  units?: number;
}

/**
 * Asks somebody else, over the network. It sees whole texts only, all of a stage in one go: of a stream
 * nothing goes out before its verdict.
 */
export interface RemoteFilter {
  name: string;
  remote: true;
  /** One verdict a text, in their order; rejects where none could be had. */
  inspect: (texts: readonly string[], call: RemoteCall) => Promise<readonly RemoteVerdict[]>;
}

/** What the router knows filters as: those of this room, and what the composition root hands in. */
export type AnyFilter = Filter | RemoteFilter;

export const isRemote = (filter: AnyFilter): filter is RemoteFilter => "remote" in filter;

/**
 * The order in which verdicts list what was found. What lies within another match is left out: it says
 * nothing more, and of equal ones the first found is kept.
 */
export function inOrder(matches: readonly Match[]): Match[] {
  let end = 0;
  return matches
    .toSorted((one, other) => one.start - other.start || other.end - one.end)
    .filter((match) => {
      if (match.end <= end) return false;
      end = match.end;
      return true;
    });
}
