// `npm run build`: the whole program, dist/switchyard.mjs, with the parts that it loads when a command needs them
// beside it, and source maps. It needs Node 26 and nothing else; `--outdir DIR` puts it elsewhere.
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { namedOnDemand, requiredHttp, withoutUnused } from "./build-plugins.ts";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { outdir: { type: "string", default: "dist" } } });
const outdir = resolve(root, values.outdir);

/** Parts are named after what they hold: those of an earlier build would stay beside them. */
function clear(): void {
  mkdirSync(outdir, { recursive: true });
  for (const file of readdirSync(outdir))
    if (/\.mjs(\.map)?$/.test(file)) rmSync(join(outdir, file));
}

clear();
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outdir,
  entryNames: "switchyard",
  // Beside the program, so that what lies beside it is found from every part.
  chunkNames: "[name]-[hash]",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  // What a command never needs, its process never reads: a router's holds 21 MB less, and is ready 40 ms sooner.
  splitting: true,
  metafile: true,
  platform: "node",
  format: "esm",
  target: "node26",
  sourcemap: true,
  // Every process holds the text in memory. Names stay, for stack traces where no map is at hand.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcesContent: false,
  legalComments: "eof",
  plugins: [withoutUnused, requiredHttp, namedOnDemand],
  // A native addon, of the jobs' image alone.
  external: ["@duckdb/node-api"],
  // Some packages are CommonJS and call require() for Node's own modules.
  banner: {
    js: [
      'import { createRequire as switchyardCreateRequire } from "node:module";',
      "const require = switchyardCreateRequire(import.meta.url);",
      "const __filename = import.meta.filename, __dirname = import.meta.dirname;",
    ].join("\n"),
  },
  logLevel: "warning",
});
chmodSync(join(outdir, "switchyard.mjs"), 0o755);
// A file of its own: the program reads it only where a classifier is wanted.
cpSync(join(root, "src/cli/models"), join(outdir, "models"), {
  recursive: true,
});
// The console's page, which a router reads when somebody looks; what checks its types stays here.
cpSync(join(root, "src/console/console-page"), join(outdir, "console-page"), {
  recursive: true,
  filter: (path) => !path.endsWith("tsconfig.json"),
});
// The solver's WebAssembly lies beside the program, which reads it only where a plan's shares bind.
cpSync(join(root, "node_modules/highs/build/highs.wasm"), join(outdir, "highs.wasm"));
const parts = Object.entries(metafile.outputs).filter(([file]) => file.endsWith(".mjs"));
const size = parts.reduce((sum, [, { bytes }]) => sum + bytes, 0);
console.log(
  `Wrote ${join(outdir, "switchyard.mjs")} in ${parts.length} parts (${(size / 1e6).toFixed(1)} MB)`,
);
