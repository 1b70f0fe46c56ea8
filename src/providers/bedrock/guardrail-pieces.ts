/** Bedrock takes 25 text units of 1,000 characters a call, and no more. */
export const longestPiece = 25_000;

/** So far back a better place to cut is looked for. */
const slack = 2_000;

/** Places to cut, best first: between paragraphs, lines, sentences, words. */
const seams = [/\n\s*\n(?!\s)/g, /\n(?!\n)/g, /[.!?;]\s(?!\s)/g, /\s(?!\s)/g];

/**
 * A text in pieces that Bedrock's guardrails take, none longer than 25,000 UTF-16 units. Joined they are
 * the text. Each is cut where the text pauses, as far as it does within the last 2,000 units, since a
 * guardrail judges a piece without its neighbours.
 */
export function guardrailPieces(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (text.length - from > longestPiece) {
    const to = from + cutOf(text.slice(from, from + longestPiece));
    pieces.push(text.slice(from, to));
    from = to;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function cutOf(piece: string): number {
  const tail = piece.slice(-slack);
  for (const seam of seams) {
    const last = [...tail.matchAll(seam)].at(-1);
    if (last !== undefined) return piece.length - slack + last.index + last[0].length;
  }
  // The halves of a character stay together.
  return /[\ud800-\udbff]$/.test(piece) ? piece.length - 1 : piece.length;
}
