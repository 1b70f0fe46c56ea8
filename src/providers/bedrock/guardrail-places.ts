/** What a guardrail found, and what stands for it in the masked text, such as `{EMAIL}`. */
export interface Mask {
  rule: string;
  match: string;
  by: string;
}

/** What a rule found, from where to where in UTF-16 units. */
export interface Placed {
  rule: string;
  start: number;
  end: number;
}

/**
 * Where a guardrail masked a text, which it does not say: found by laying the masked text beside it.
 *
 * @returns undefined where the two do not fit together by these masks
 */
export function placesOf(
  masks: readonly Mask[],
  text: string,
  masked: string,
): Placed[] | undefined {
  // Of two that would fit the longer one is meant: a name and a part of it may both be found.
  const longestFirst = masks.toSorted((one, other) => other.match.length - one.match.length);
  const [plain = "", ...begun] = masked.split("{");
  if (!text.startsWith(plain)) return undefined;
  const places: Placed[] = [];
  let at = plain.length;
  for (const rest of begun) {
    const piece = `{${rest}`;
    const mask = longestFirst.find(
      ({ by, match }) => piece.startsWith(by) && text.startsWith(match, at),
    );
    if (mask !== undefined) places.push(placed(mask, at));
    const stood = originalOf(piece, mask);
    if (!text.startsWith(stood, at)) return undefined;
    at += stood.length;
  }
  return at === text.length && places.length > 0 ? places : undefined;
}

const placed = ({ rule, match }: Mask, start: number): Placed => ({
  rule,
  start,
  end: start + match.length,
});

const originalOf = (piece: string, mask: Mask | undefined): string =>
  mask === undefined ? piece : mask.match + piece.slice(mask.by.length);
