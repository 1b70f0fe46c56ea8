import { access, constants, mkdir } from "node:fs/promises";
import { UsageError } from "./usage-error.ts";

/**
 * The folder for records, made where it is not there: better told at the start than by lost records.
 *
 * @throws UsageError where records could not be written to it
 */
export async function requireRecordFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `Records cannot be kept in ${folder}: ${why}. Choose another with --record DIR`,
    );
  }
  return folder;
}
