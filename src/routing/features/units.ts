// What a UTF-16 unit counts as. Tables of our own, not Unicode's: a model's weights must meet the same
// features under every version of the engine.

export const space = 0;
export const letter = 1;
export const digit = 2;
export const mark = 3;

/** Bits beside the class. */
export const mathematical = 4;
export const codeLike = 8;
export const upperCase = 16;
/** A letter of a script other than Latin. */
export const foreign = 32;
export const lineEnd = 64;
export const questioning = 128;

const classMask = 3;

/** The class, and what else the unit is, by unit. */
export const traits = new Uint8Array(0x10000).fill(mark);

/** The unit in its plain form: ASCII in lower case, every space alike. */
export const plain = new Uint16Array(0x10000);

export const classOf = (trait: number): number => trait & classMask;

function spread(from: number, to: number, trait: number): void {
  traits.fill(trait, from, to + 1);
}

for (let unit = 0; unit < plain.length; unit += 1) plain[unit] = unit;
spread(0, 0x20, space);
spread(0x30, 0x39, digit);
spread(0x41, 0x5a, letter | upperCase);
spread(0x61, 0x7a, letter);
// Latin-1 and its extensions, then the other scripts; symbols and punctuation between them stay marks.
spread(0xc0, 0x24f, letter);
spread(0x250, 0x1fff, letter | foreign);
spread(0x2c00, 0x2dff, letter | foreign);
spread(0x3040, 0xd7ff, letter | foreign);
spread(0xf900, 0xfdff, letter | foreign);
// Greek letters stand in formulas of every language.
spread(0x370, 0x3ff, letter | mathematical);
for (const unit of [0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff])
  spread(unit, unit, space);
spread(0x2000, 0x200b, space);
spread(0x2200, 0x22ff, mark | mathematical);
for (const sign of "=+*/^<>√±×÷≤≥≠∞π") addTrait(sign, mathematical);
for (const sign of "{};`_") addTrait(sign, codeLike);
// LaTeX and escapes in code both begin with it.
addTrait("\\", mathematical | codeLike);
addTrait("\n", lineEnd);
for (const sign of "?？") addTrait(sign, questioning);

function addTrait(sign: string, trait: number): void {
  const unit = sign.charCodeAt(0);
  traits[unit] = (traits[unit] ?? mark) | trait;
}

for (let unit = 0; unit < plain.length; unit += 1) {
  const trait = traits[unit] ?? mark;
  if (classOf(trait) === space) plain[unit] = 0x20;
  else if ((trait & upperCase) > 0) plain[unit] = unit + 32;
}
