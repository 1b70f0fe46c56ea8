import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

const copied = ["src", "rooms.json", "tsconfig.json", ".oxlintrc.json", ".oxlintrc.rooms.json"];

/** A copy of the sources with files planted in it, in a folder that `remove` takes away. */
export function plantTree(files: Readonly<Record<string, string>>): {
  path: string;
  remove: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), "switchyard-planted-"));
  for (const name of copied) cpSync(join(root, name), join(path, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(path, "node_modules"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Complaint {
  file: string;
  rule: string;
  /** The rule's message and its advice. */
  text: string;
}

/** What the linter says of the tree at `path`, with the configuration that lies there. */
export function lint(path: string): readonly Complaint[] {
  const run = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format", "json"], {
    cwd: path,
    encoding: "utf8",
    timeout: 150_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  const report = JSON.parse(run.stdout) as {
    diagnostics: { message: string; code?: string; help?: string; filename: string }[];
    number_of_files: number;
  };
  if (report.number_of_files === 0) throw new Error(`The linter found no file: ${run.stderr}`);
  return report.diagnostics.map(({ message, code, help, filename }) => ({
    file: filename,
    // An unneeded exception has no rule of its own.
    rule: code ?? "unused directive",
    text: `${message} ${help ?? ""}`,
  }));
}
