import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "./installed-example.ts";

/** The shell blocks below a heading (`## …`) of one of the repository's Markdown files, in their order. */
export async function readBlocks(file: string, heading: string): Promise<string[]> {
  const text = `${await readFile(join(repository, file), "utf8")}\n## `;
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`${file} has no heading "${heading}"`);
  const part = text.slice(start, text.indexOf("\n## ", start + 1));
  return [...part.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block ?? "");
}
