import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const build = resolve(import.meta.dirname, "../../scripts/build.ts");

/**
 * What images hold: reading the sources takes memory that only development pays.
 *
 * @returns the bundle, in the folder
 */
export async function buildBundle(folder: string): Promise<string> {
  await promisify(execFile)(process.execPath, [build, "--outdir", folder]);
  return join(folder, "switchyard.mjs");
}
