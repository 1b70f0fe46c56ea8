import { hashText } from "../lib/index.ts";
import type { LabelledPrompt } from "./labelled-prompt.ts";

const bytesEach = 4;

const markOf = (text: string): number =>
  hashText(text.toLowerCase().replaceAll(/\s+/g, " ").trim());

/** Marks of prompts, by which they are known again without being told; base64 of 32 bits each. */
export function marksOf(prompts: readonly LabelledPrompt[]): string {
  const marks = [...new Set(prompts.map(({ text }) => markOf(text)))].toSorted((a, b) => a - b);
  const bytes = Buffer.alloc(marks.length * bytesEach);
  for (const [place, mark] of marks.entries()) bytes.writeUInt32LE(mark, place * bytesEach);
  return bytes.toString("base64");
}

/** How many of the prompts have left their mark; one in half a million by chance. */
export function countSeen(marks: string, prompts: readonly LabelledPrompt[]): number {
  const bytes = Buffer.from(marks, "base64");
  const known = new Set<number>();
  for (let at = 0; at + bytesEach <= bytes.length; at += bytesEach)
    known.add(bytes.readUInt32LE(at));
  return prompts.filter(({ text }) => known.has(markOf(text))).length;
}
