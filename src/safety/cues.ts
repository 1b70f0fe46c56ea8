/**
 * Words without which something cannot stand in a text, told by how they begin: `ignor` for `ignore` and
 * `ignoring`. Small letters and digits of ASCII; one that ends in `\b` is the whole word.
 */
export type Cue = readonly string[];

/** In expressions that are for Unicode these two are forms of `s` and `k`: where they stand, any word may. */
const otherForms = /[\u017f\u212a]/;

/** The cues' places among a number's bits. */
const mostCues = 31;

/**
 * Tells by one walk over a text which of many expressions are worth a walk of their own: each costs as much as
 * this, and in nearly every text there is nothing for any of them.
 *
 * @param cues 31 at most
 * @returns gives a number with the bit of each cue that stands in a text, by its index; a few more may be set
 */
export function cueFinder(cues: readonly Cue[]): (text: string) => number {
  if (cues.length > mostCues) throw new RangeError(`More than ${mostCues} cues`);
  const words = [...new Set(cues.flat())];
  const bits = new Map<string, number>();
  for (const word of words) bits.set(bare(word), (bits.get(bare(word)) ?? 0) | bitsOf(word, cues));
  const all = 2 ** cues.length - 1;
  // The longer first, so that one word that begins another does not hide it.
  const longerFirst = words.toSorted((one, other) => bare(other).length - bare(one).length);
  const any = new RegExp(String.raw`\b(?:${longerFirst.join("|")})`, "gi");
  return (text) => {
    if (otherForms.test(text)) return all;
    let found = 0;
    any.lastIndex = 0;
    for (let hit = any.exec(text); hit !== null && found !== all; hit = any.exec(text))
      found |= bits.get(hit[0].toLowerCase()) ?? all;
    return found;
  };
}

/** Of all cues that a word tells: it may begin as another one does. */
function bitsOf(word: string, cues: readonly Cue[]): number {
  const tells = (other: string): boolean => other === word || bare(word).startsWith(other);
  return cues.reduce((bits, cue, index) => (cue.some(tells) ? bits | (1 << index) : bits), 0);
}

const bare = (word: string): string => word.replace(/\\b$/, "");
