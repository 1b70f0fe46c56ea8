import {
  isRemote,
  TextStream,
  type Filter,
  type Match,
  type Passed,
  type Restoring,
} from "../../safety/index.ts";
import type { ArmedFilter } from "./armed-filters.ts";
import { FilterBlock } from "./filter-block.ts";
import { failed } from "./look.ts";
import { measureOf, noteFindings, standInsOf, type Passage } from "./pass-texts.ts";
import type { Failure, Judgement } from "./safety-log.ts";

/** What of a text may go out, and what ends it. */
export interface Through {
  text: string;
  block?: FilterBlock;
}

interface Link {
  armed: ArmedFilter;
  /** Undefined once the filter has failed and lets all through. */
  stream: TextStream | undefined;
  /** What it found so far; undefined where that is nothing. */
  judgement: Judgement | undefined;
}

/** One text of a stream past filters that need no more of it than a window, and past the way back. */
export class TextPasser {
  readonly #place: string;
  readonly #passage: Passage;
  readonly #links: readonly Link[];
  readonly #restoring: Restoring | undefined;

  /** @param filters those with a window */
  constructor(place: string, filters: readonly ArmedFilter[], passage: Passage) {
    this.#place = place;
    this.#passage = passage;
    this.#links = filters.flatMap((armed) => {
      const { filter } = armed;
      return isRemote(filter) ? [] : [linkOf(armed, filter, passage)];
    });
    const { placeholders } = passage.inspection;
    this.#restoring = placeholders.restores ? placeholders.restoring() : undefined;
  }

  /** Whether what went out is not what came, but for what was put back. */
  changed = false;

  push(piece: string): Through {
    return this.#pass(piece, false);
  }

  end(): Through {
    return this.#pass("", true);
  }

  #pass(piece: string, isEnd: boolean): Through {
    let text = piece;
    let block: FilterBlock | undefined;
    for (const link of this.#links) {
      // What stands before a match is all that there is for the filters behind.
      const through = this.#through(link, text, isEnd || block !== undefined);
      text = through.text;
      block = through.block ?? block;
    }
    const ends = isEnd || block !== undefined;
    if (this.#restoring !== undefined)
      text = this.#restoring.push(text) + (ends ? this.#restoring.end() : "");
    return block === undefined ? { text } : { text, block };
  }

  #through(link: Link, piece: string, isEnd: boolean): Through {
    const { armed, stream } = link;
    if (stream === undefined) return { text: piece };
    const { clock, log } = this.#passage.inspection;
    const startedAt = clock.elapsed();
    let passed: Passed;
    try {
      passed = isEnd ? pushLast(stream, piece) : stream.push(piece);
    } catch (error) {
      return this.#fail(link, stream, error);
    } finally {
      log.looked(armed, this.#passage.stage, { startedAt, ms: clock.elapsed() - startedAt });
    }
    if (passed.matches.length === 0) return { text: passed.text };
    this.#note(link, passed.matches);
    if (armed.action === "Redact") this.changed = true;
    if (!passed.blocked) return { text: passed.text };
    return { text: passed.text, block: this.#blocked(armed, passed.matches) };
  }

  #fail(link: Link, stream: TextStream, error: unknown): Through {
    const { armed } = link;
    const failure = failed(armed, error, this.#passage.inspection);
    const measure = measureOf(armed, failure);
    noteFindings(armed, this.#place, failure, measure, this.#passage);
    if (measure === "block") return { text: "", block: this.#blocked(armed, failure) };
    link.stream = undefined;
    return { text: stream.abandon() };
  }

  #note(link: Link, matches: readonly Match[]): void {
    const { armed, judgement } = link;
    if (judgement !== undefined) {
      this.#passage.inspection.log.extend(judgement, matches);
      return;
    }
    const measure = measureOf(armed, matches);
    link.judgement = noteFindings(armed, this.#place, matches, measure, this.#passage);
  }

  #blocked(armed: ArmedFilter, found: readonly Match[] | Failure): FilterBlock {
    return new FilterBlock(armed, this.#passage.stage, this.#place, found);
  }
}

function linkOf(armed: ArmedFilter, filter: Filter, passage: Passage): Link {
  const { action, entry } = armed;
  const placeholder = standInsOf(armed, passage);
  const stream = new TextStream(filter, { action, streaming: entry.streaming, placeholder });
  return { armed, stream, judgement: undefined };
}

function pushLast(stream: TextStream, piece: string): Passed {
  const before = stream.push(piece);
  const last = stream.end();
  return {
    text: before.text + last.text,
    matches: [...before.matches, ...last.matches],
    blocked: last.blocked,
  };
}
