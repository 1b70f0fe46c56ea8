// Writes crds/*.yaml from the zod schemas. With --check it writes nothing and names the first line of
// each file that differs. A last argument names another folder than crds/.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import {
  customResourceDefinition,
  group,
  kindNames,
  lintSchema,
  pluralOf,
  resourceSchema,
  type Kind,
} from "../src/api/index.ts";

const header = "# Generated from src/api by: npm run generate. Do not edit.\n";

const given = process.argv.slice(2).find((argument) => !argument.startsWith("--"));
const folder = given ?? resolve(import.meta.dirname, "../crds");

const fileOf = (kind: Kind): string => `${group}_${pluralOf(kind)}.yaml`;

const textOf = (kind: Kind): string =>
  header +
  stringify(customResourceDefinition(kind), {
    version: "1.1",
    lineWidth: 100,
    aliasDuplicateObjects: false,
  });

function committed(kind: Kind): string {
  try {
    return readFileSync(join(folder, fileOf(kind)), "utf8");
  } catch {
    return "";
  }
}

/** Where the file and what should stand in it part; nothing where they are equal. */
function firstDifference(kind: Kind): string | undefined {
  const [wanted, found] = [textOf(kind).split("\n"), committed(kind).split("\n")];
  const line = wanted.findIndex((text, index) => text !== found[index]);
  if (line < 0 && wanted.length === found.length) return undefined;
  const at = line < 0 ? wanted.length : line;
  return `${fileOf(kind)}:${at + 1}: found "${found[at] ?? ""}", the schemas say "${wanted[at] ?? ""}"`;
}

const problems = kindNames.flatMap((kind) =>
  lintSchema(resourceSchema(kind)).map((problem) => `${kind}${problem}`),
);

if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exitCode = 1;
} else if (process.argv.includes("--check")) {
  const differences = kindNames.flatMap((kind) => firstDifference(kind) ?? []);
  for (const difference of differences) console.error(difference);
  if (differences.length > 0) console.error("Run npm run generate and commit the result");
  process.exitCode = differences.length > 0 ? 1 : 0;
} else {
  mkdirSync(folder, { recursive: true });
  for (const kind of kindNames) writeFileSync(join(folder, fileOf(kind)), textOf(kind));
}
