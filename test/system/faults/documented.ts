import { readFileSync } from "node:fs";

/** Whether it speaks against the backend's health; "in share": only together with many others. */
type Counts = "yes" | "in share" | "no";

/** What docs/errors.md promises of a provider's failure. */
export interface Documented {
  status: number;
  type: string;
  code: string;
  retried: boolean;
  /** A FallbackReason. */
  fallsBackAs: string;
  counts: Counts;
}

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

/** The page is the contract: what the matrix expects is read from it, not from the code. */
export function documented(code: string): Documented {
  const row = page.split("\n").findLast((line) => line.startsWith(`| \`${code}\` `));
  const cells = row?.split("|").map((cell) => cell.trim().replaceAll("`", "")) ?? [];
  const [, , status, type = "", clientCode = "", retried, fallsBackAs = "", counts] = cells;
  if (status === undefined) throw new Error(`docs/errors.md does not know ${code}`);
  return {
    status: Number(status),
    type,
    code: clientCode,
    retried: retried === "yes",
    fallsBackAs,
    counts: countsOf(counts),
  };
}

function countsOf(cell: string | undefined): Counts {
  if (cell === "yes" || cell === "in share" || cell === "no") return cell;
  throw new Error(`docs/errors.md says neither yes nor no: ${cell}`);
}
