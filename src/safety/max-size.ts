import type { Filter } from "./filter.ts";

/** Finds what of a text, and of all texts that it belongs to, is over its bound. */
export const maxSizeFilter = (name: string, characters: number): Filter => ({
  name,
  window: undefined,
  inspect: (text, before = 0) => {
    const start = Math.max(0, characters - before);
    const over = text.length > start;
    const match = { rule: "max-size/characters", start, end: text.length };
    return { filter: name, matches: over ? [match] : [] };
  },
});
