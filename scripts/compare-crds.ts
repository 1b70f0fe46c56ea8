// Refuses a CRD that takes less than that of the last release: crds/ against test/crds/released/. With
// --release it makes today's CRDs those of the last release.
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { breakingChanges } from "./crd-changes.ts";

const root = resolve(import.meta.dirname, "..");
const [crds = join(root, "crds"), released = join(root, "test/crds/released")] = process.argv
  .slice(2)
  .filter((word) => !word.startsWith("--"));

const filesOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .toSorted();

function changesOf(file: string): string[] {
  if (!filesOf(crds).includes(file)) return ["the kind is gone"];
  const [before, after] = [released, crds].map((folder): unknown =>
    parse(readFileSync(join(folder, file), "utf8")),
  );
  return breakingChanges(before, after);
}

if (process.argv.includes("--release")) {
  mkdirSync(released, { recursive: true });
  for (const file of filesOf(crds)) copyFileSync(join(crds, file), join(released, file));
} else {
  const changes = filesOf(released).flatMap((file) =>
    changesOf(file).map((change) => `${file}: ${change}`),
  );
  for (const change of changes) console.error(change);
  if (changes.length > 0)
    console.error("Resources of the last release would not be valid: see CONTRIBUTING.md, CRDs");
  process.exitCode = changes.length > 0 ? 1 : 0;
}
