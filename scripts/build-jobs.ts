// `npm run build:jobs`: what the image of jobs holds beside the bundle, in dist/jobs/node_modules: DuckDB with its
// native addon, which no bundle can hold, for Linux with glibc and the processor of this machine, or of `--arch`.
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    outdir: { type: "string", default: "dist/jobs" },
    arch: { type: "string", default: process.arch },
  },
});
const target = join(resolve(root, values.outdir), "node_modules");
const addon = `@duckdb/node-bindings-linux-${values.arch}`;

interface Manifest {
  dependencies?: Record<string, string>;
}

/** A package and all that it needs, in the folder of the project. */
function withDependencies(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const file = join(root, "node_modules", name, "package.json");
  const { dependencies = {} } = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  for (const dependency of Object.keys(dependencies)) withDependencies(dependency, found);
  return found;
}

if (existsSync(join(root, "node_modules", addon))) {
  rmSync(target, { recursive: true, force: true });
  const packages = [...withDependencies("@duckdb/node-api"), addon];
  for (const name of packages)
    cpSync(join(root, "node_modules", name), join(target, name), { recursive: true });
  console.log(`Wrote ${packages.join(", ")} to ${target}`);
} else {
  const flags = `--no-save --os=linux --cpu=${values.arch} --libc=glibc`;
  console.error(`${addon} is not installed: run npm install ${flags} first`);
  process.exitCode = 1;
}
