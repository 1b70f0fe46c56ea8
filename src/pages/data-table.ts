/** Figures for people: printed by a command, or set in a page. */
export interface DataTable {
  caption: string;
  head: readonly string[];
  /** The first cell names its row. */
  rows: readonly (readonly string[])[];
}

/** As Markdown, with columns of one width, below its caption. */
export const captioned = (table: DataTable): string =>
  `${table.caption}\n\n${markdownTable(table)}`;

export function markdownTable({ head, rows }: Pick<DataTable, "head" | "rows">): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
