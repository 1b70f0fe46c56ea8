/** What the tier heuristic goes by: cheap to read, and no content is kept. */
export interface RequestFeatures {
  /** Of the last user message, in UTF-16 units. */
  characters: number;
  /** Marks of mathematics among its first 3,000 characters: operators, and LaTeX's back-slash. */
  mathMarks: number;
  /** Marks of source code among them: braces, semicolons, back-ticks. */
  codeMarks: number;
  /** Numbers among them: runs of digits. */
  numbers: number;
  tools: number;
  /** 0 where none was asked for, 1 for the most. */
  reasoningEffort: number;
}

/** A prompt says what it is about early; the rest is material. */
const scanned = 3_000;

const mathSymbols = "=+*/^<>√∑∫∏≤≥≠±×÷∞π";
const codeSymbols = "{};`_";

const mathMark = 1;
const codeMark = 2;
const digit = 4;

/** By UTF-16 unit. LaTeX and escapes in code both begin with a back-slash, so it counts for both. */
const marks = new Uint8Array(0x10000);
for (const symbol of mathSymbols) marks[symbol.charCodeAt(0)] = mathMark;
for (const symbol of codeSymbols) marks[symbol.charCodeAt(0)] = codeMark;
for (const symbol of "0123456789") marks[symbol.charCodeAt(0)] = digit;
marks["\\".charCodeAt(0)] = mathMark | codeMark;

export function countMarks(
  text: string,
): Pick<RequestFeatures, "mathMarks" | "codeMarks" | "numbers"> {
  let mathMarks = 0;
  let codeMarks = 0;
  let numbers = 0;
  let before = 0;
  const end = Math.min(text.length, scanned);
  for (let index = 0; index < end; index += 1) {
    const mark = marks[text.charCodeAt(index)] ?? 0;
    mathMarks += mark & mathMark;
    codeMarks += (mark & codeMark) >> 1;
    numbers += (mark & ~before & digit) >> 2;
    before = mark;
  }
  return { mathMarks, codeMarks, numbers };
}
