import { rename, writeFile } from "node:fs/promises";

/** Writes a file so that whoever reads it at that moment has the old text or the new, whole. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, text);
  await rename(draft, file);
}
