/** What the tier heuristic goes by: cheap to read, and no content is kept. */
export interface RequestFeatures {
  /** Of the last user message, in UTF-16 units. */
  characters: number;
  /** Marks of mathematics among its first 3,000 characters: operators, digits beside them, LaTeX. */
  mathMarks: number;
  /** Marks of source code among them: braces, semicolons, back-ticks. */
  codeMarks: number;
  tools: number;
  /** 0 where none was asked for, 1 for the most. */
  reasoningEffort: number;
}

/** A prompt says what it is about early; the rest is material. */
const scanned = 3_000;

const mathSymbols = "=+*/^<>√∑∫∏≤≥≠±×÷∞π";
const codeSymbols = "{};`_";

/** By UTF-16 unit: 1 a mark of mathematics, 2 a mark of code. Only the Basic Multilingual Plane has such marks. */
const markOf = new Uint8Array(0x10000);
for (const symbol of mathSymbols) markOf[symbol.charCodeAt(0)] = 1;
for (const symbol of codeSymbols) markOf[symbol.charCodeAt(0)] = 2;

/** A back-slash begins a LaTeX command only before a letter; escapes in code it begins too, so it counts for both. */
const backslash = 92;

export function countMarks(text: string): { mathMarks: number; codeMarks: number } {
  let mathMarks = 0;
  let codeMarks = 0;
  const end = Math.min(text.length, scanned);
  for (let index = 0; index < end; index += 1) {
    const unit = text.charCodeAt(index);
    const mark = markOf[unit];
    if (mark === 1) mathMarks += 1;
    else if (mark === 2) codeMarks += 1;
    else if (unit === backslash) {
      mathMarks += 1;
      codeMarks += 1;
    }
  }
  return { mathMarks, codeMarks };
}
