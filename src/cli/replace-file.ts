import { rename, writeFile } from "node:fs/promises";
import { UsageError } from "./usage-error.ts";

/**
 * Writes the file that `--out` names.
 *
 * @throws UsageError where it cannot be written
 */
export async function writeOut(file: string, text: string): Promise<void> {
  await replaceFile(file, text).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `--out: ${file} cannot be written (${error.code ?? error.message}): name a file in a folder that is there`,
    );
  });
}

/** Writes a file so that whoever reads it at that moment has the old text or the new, whole. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, text);
  await rename(draft, file);
}
