// Names that come from outside as parts of a query, such that they stay names.

/** A text as PromQL quotes it. */
export const quoted = (text: string): string => JSON.stringify(text.toWellFormed());

/** A pattern that matches this text and no other. */
export const literal = (text: string): string =>
  text.toWellFormed().replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

export const oneOf = (texts: readonly string[]): string => quoted(texts.map(literal).join("|"));

/**
 * The series of a metric, by the name that routers' own text gives it and by that which the unit is part of, as
 * OTLP has it.
 *
 * @param matchers such as `route="a"`, quoted already
 */
export const selector = (
  { name, unit = "", suffix = "" }: { name: string; unit?: string; suffix?: string },
  matchers: readonly string[],
): string =>
  `{${[`__name__=~"${name}${unit === "" ? "" : `(_${unit})?`}${suffix}"`, ...matchers].join(", ")}}`;
