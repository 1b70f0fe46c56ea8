import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { resolveBinaries, resolveLimitMs } from "./kube/binaries.ts";

export const chartFolder = resolve(import.meta.dirname, "../../charts/switchyard");

/** An object as the chart renders it; a test knows which kind it has before it. */
export interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

export type Values = Readonly<Record<string, unknown>>;

export interface Helm {
  /** What it said; throws with what it said on stderr where it refuses. */
  run: (parameters: readonly string[], values?: Values) => Promise<string>;
  /** The chart's objects, as a release named switchyard in switchyard-system. */
  render: (values: Values, parameters?: readonly string[]) => Promise<Rendered[]>;
}

/**
 * Gives the tests of a file Helm. Where it can neither be found nor built, each of them is reported as
 * skipped with the reason.
 */
export function useHelm(): () => Helm {
  let helm: Helm | undefined;
  let missing: string | undefined;
  let home = "";

  beforeAll(async () => {
    const binaries = await resolveBinaries(["helm"]);
    if (!binaries.ok) {
      missing = binaries.error;
      return;
    }
    home = await mkdtemp(join(tmpdir(), "switchyard-helm-"));
    helm = makeHelm(binaries.value.helm, home);
  }, resolveLimitMs);

  beforeEach((context) => {
    if (missing !== undefined) context.skip(missing);
  });

  afterAll(() => rm(home, { recursive: true, force: true }));

  return () => {
    if (helm === undefined) throw new Error("Helm is there only inside a test");
    return helm;
  };
}

/** It sees nothing of the person's own set-up. */
function makeHelm(program: string, home: string): Helm {
  const env = { HOME: home, PATH: process.env["PATH"] };
  let files = 0;
  const write = async (values: Values): Promise<string> => {
    files += 1;
    const file = join(home, `values-${files}.yaml`);
    await writeFile(file, stringify(values, { version: "1.1" }));
    return file;
  };
  const run = async (parameters: readonly string[], values?: Values): Promise<string> => {
    const given = values === undefined ? [] : ["--values", await write(values)];
    try {
      const { stdout } = await promisify(execFile)(program, [...parameters, ...given], {
        env,
        maxBuffer: 64 * 1024 * 1024,
        timeout: 110_000,
      });
      return stdout;
    } catch (cause) {
      throw new Error((cause as { stderr?: string }).stderr || String(cause), { cause });
    }
  };
  const render = async (values: Values, parameters: readonly string[] = []) => {
    const command = ["template", "switchyard", chartFolder, "--namespace", "switchyard-system"];
    return readObjects(await run([...command, ...parameters], values));
  };
  return { run, render };
}

/** Every object of a stream of YAML documents. */
export const readObjects = (text: string): Rendered[] =>
  parseAllDocuments(text, { version: "1.1" })
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);

/** @throws Error where there is none, or more than one */
export function theOne(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`There are ${found.length} of ${kind} ${name ?? ""}`);
  }
  return first;
}
