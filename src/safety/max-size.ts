import type { Filter } from "./filter.ts";

/** Finds what of a text is over its bound. */
export const maxSizeFilter = (name: string, characters: number): Filter => ({
  name,
  window: undefined,
  inspect: (text) => ({
    filter: name,
    matches:
      text.length > characters
        ? [{ rule: "max-size/characters", start: characters, end: text.length }]
        : [],
  }),
});
