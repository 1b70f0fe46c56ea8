import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { cacheFolder, exists, withLock } from "./cache-folder.ts";

const run = promisify(execFile);

/** The version of AWS's SDK for Python that the simulators are measured against. */
const boto3Version = "1.44.5";
/** Its service models; boto3 alone leaves the choice among several releases to the day of installing. */
const botocoreVersion = "1.44.8";

/** Fetching hundreds of megabytes is the longest of them. */
const stepLimitMs = 290_000;

export interface Python {
  /** The interpreter of an environment that holds boto3. */
  executable: string;
  /** The folder of botocore's data, with the service models. */
  serviceModels: string;
}

/**
 * Python with boto3 from PyPI, made once in the cache folder and used again by every later run.
 *
 * @throws Error saying what is missing: Python 3 with its venv module, or the way to PyPI
 */
export async function pythonWithBoto3(): Promise<Python> {
  const executable = await pythonWith([`boto3==${boto3Version}`, `botocore==${botocoreVersion}`]);
  const printed = await step(
    executable,
    ["-c", "import botocore; print(botocore.__path__[0])"],
    "botocore does not load",
  );
  return { executable, serviceModels: join(printed.trim(), "data") };
}

/**
 * The interpreter of an environment that holds these packages, kept likewise.
 *
 * @param packages with their versions, as in `boto3==1.44.5`
 * @throws Error saying what is missing
 */
export async function pythonWith(packages: readonly string[]): Promise<string> {
  const name = packages.map((each) => each.replace("==", "-")).join("-");
  const folder = join(cacheFolder(process.env), `python-${name}`);
  const executable = join(folder, "bin", "python");
  const ready = join(folder, "ready");
  if (await exists(ready)) return executable;
  await withLock(folder, 2 * stepLimitMs, async () => {
    if (!(await exists(ready))) await buildEnvironment(folder, packages);
    await writeFile(ready, "");
  });
  return executable;
}

async function buildEnvironment(folder: string, packages: readonly string[]): Promise<void> {
  say(`Making a Python environment with ${packages.join(" and ")} in ${folder} (once)`);
  await rm(folder, { recursive: true, force: true });
  await step("python3", ["-m", "venv", folder], "Python 3 with its venv module is needed");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages];
  await step(
    join(folder, "bin", "python"),
    install,
    `${packages.join(" and ")} could not be fetched from PyPI`,
  );
  say("The Python environment is ready");
}

async function step(command: string, parameters: string[], complaint: string): Promise<string> {
  try {
    const { stdout } = await run(command, parameters, { timeout: stepLimitMs });
    return stdout;
  } catch (cause) {
    throw new Error(`${complaint}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs a script with arguments; gives what it printed, parsed as one JSON value. */
export async function runPython(
  python: Python,
  script: string,
  parameters: readonly string[],
): Promise<unknown> {
  // Nothing of the machine's own AWS set-up may reach the script.
  const environment = {
    PATH: process.env["PATH"] ?? "",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
  };
  const { stdout } = await run(python.executable, [script, ...parameters], {
    timeout: 60_000,
    maxBuffer: 64_000_000,
    env: environment,
  });
  return JSON.parse(stdout);
}
