import { before } from "./detector.ts";

/** So far back the head of a table is looked for. */
export const tableLength = 2_000;

/** What is longer is a sentence. */
const longestName = 40;

const delimiters = ["|", "\t", ";", ","] as const;

/** What parts the head of a table of Markdown from its rows. */
const isRule = (line: string): boolean => /^[|\s:+-]+$/.test(line);

interface Column {
  /** Empty where nobody can tell. */
  name: string;
  /** From nought. */
  index: number;
}

/**
 * What a table calls the column that a place is in: the cell of its first row, as far as that is near.
 * What stands behind the place has no say.
 */
function columnOf(text: string, place: number): Column | undefined {
  const [left = "", ...above] = text
    .slice(Math.max(0, place - tableLength), place)
    .split("\n")
    .toReversed();
  const rows = above.filter((line) => !isRule(line));
  const delimiter = delimiters.find((each) => rows[0]?.includes(each));
  if (delimiter === undefined) return undefined;
  const cells = cellsOf(rows[0], delimiter).length;
  const index = cellsOf(left, delimiter).length - 1;
  // Commas stand in sentences too.
  if (cells < (delimiter === "," ? 3 : 2) || index >= cells) return undefined;
  const other = rows.findIndex((row) => cellsOf(row, delimiter).length !== cells);
  const head = cellsOf(rows.at(other < 0 ? -1 : other - 1), delimiter)[index]?.trim() ?? "";
  return { name: head.length > longestName ? "" : head, index };
}

const cellsOf = (row: string | undefined, delimiter: string): string[] =>
  (row ?? "").split(delimiter);

/**
 * The words that tell what stands at a place: those before it, as far as they may matter. In a table
 * they are the column's name and what its own row says, and no other rows: these tell of other things.
 */
export function saidBefore(text: string, place: number, length: number): string {
  const words = before(text, place, length);
  if (!text.includes("\n")) return words;
  const column = columnOf(text, place);
  if (column === undefined) return words;
  // What is in the first cell may as well stand below a list.
  if (column.index === 0) return `${column.name} ${words}`;
  return `${column.name} ${words.split("\n").at(-1)}`;
}
