import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { lintTexts, problemText, readManifests, type Reason } from "../api/index.ts";
import { compile, groupsOf } from "../compile/index.ts";
import type { Command } from "./command.ts";
import { readFlags } from "./flags.ts";
import { findingText } from "./folder-tables.ts";
import { readModelMap } from "./model-map.ts";
import { anywhere } from "./table-of-folder.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard lint FILE|DIR…: every problem of YAML files, with file, line, field and what to do

All files are looked at together, so that references between them are checked as well. Exit code 0
where there are no errors, 1 where there are some, 2 where a file is missing or a flag is wrong.`;

async function run(words: readonly string[]): Promise<number> {
  const { positionals } = readFlags(words, {});
  if (positionals.length === 0)
    throw new UsageError("Name the files to look at: switchyard lint FILE…");
  const names = (await Promise.all(positionals.map(filesAt))).flat();
  const files = await Promise.all(
    names.map(async (file) => ({ file, text: await readFile(file, "utf8") })),
  );
  const problems = lintTexts(files);
  const lines = problems.map(problemText);
  const errors = problems.filter(({ severity }) => severity === "Error").length;
  const across = errors > 0 ? { lines: [], errors: 0 } : lintTogether(files);
  for (const line of [...lines, ...across.lines]) console.log(line);
  const total = errors + across.errors;
  const warnings = lines.length + across.lines.length - total;
  console.log(
    `${count(names.length, "file")}: ${count(total, "error")}, ${count(warnings, "warning")}`,
  );
  return total > 0 ? 1 : 0;
}

/** What one resource shows by itself: it has been said by then, with the line of the field. */
const told: ReadonlySet<Reason> = new Set(["Invalid", "NotImplemented", "NotEnforced"]);

/** What only several resources together show: missing references, names that clash, routes nobody can serve. */
function lintTogether(files: readonly { file: string; text: string }[]): {
  lines: string[];
  errors: number;
} {
  const read = files.map(({ file, text }) => readManifests(text, file));
  const manifests = read.flatMap((each) => each.manifests);
  const configMaps = read.flatMap((each) => each.configMaps);
  const input = { manifests, configMaps, readModel: readModelMap, settings: anywhere };
  const findings = groupsOf(manifests).flatMap(
    (group) => compile({ ...input, group, now: Date.now() }).findings,
  );
  const news = findings.filter(({ reason, ref }) => ref.kind === "ConfigMap" || !told.has(reason));
  const lines = [
    ...new Set(news.map((finding) => findingText(finding, [...manifests, ...configMaps]))),
  ];
  return { lines, errors: news.filter(({ severity }) => severity === "Error").length };
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${path} does not exist`);
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? "" : "s"}`;

export const lint: Command = { help, run };
