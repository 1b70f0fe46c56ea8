// `npm run build`: the whole program, dist/switchyard.mjs, with the parts that it loads when a command needs them
// beside it, and source maps. It needs Node 26 and nothing else; `--outdir DIR` puts it elsewhere.
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, type OnResolveResult, type Plugin } from "esbuild";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { outdir: { type: "string", default: "dist" } } });
/** Most of it is clients of every API, and its package.json does not say that what nobody imports may go. */
const pure = "@kubernetes/client-node";

/** Leaves out of the bundle what nobody imports from a package: its text alone takes memory in every process. */
const withoutUnused: Plugin = {
  name: "without-unused",
  setup(building) {
    building.onResolve({ filter: /./ }, async (wanted): Promise<OnResolveResult | undefined> => {
      const { path, kind, importer, resolveDir, pluginData } = wanted;
      const isPure = path === pure || (path.startsWith(".") && importer.includes(`/${pure}/`));
      if (!isPure || pluginData === withoutUnused) return undefined;
      const found = await building.resolve(path, {
        kind,
        importer,
        resolveDir,
        pluginData: withoutUnused,
      });
      return { ...found, sideEffects: false };
    });
  },
};

/**
 * Loads Node's HTTP by require(). An import asks it for all that it exports, also for what it makes only when it is
 * asked: a second copy of undici, Node's own, which nobody here uses, and 20 ms of every start.
 */
const requiredHttp: Plugin = {
  name: "required-http",
  setup(building) {
    building.onResolve({ filter: /^(node:)?http$/ }, ({ namespace }) =>
      namespace === "required"
        ? { path: "node:http", external: true }
        : { path: "node:http", namespace: "required" },
    );
    building.onLoad({ filter: /./, namespace: "required" }, () => ({
      contents: 'module.exports = require("node:http");',
    }));
  },
};

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
  plugins: [withoutUnused, requiredHttp],
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
// The solver's WebAssembly lies beside the program, which reads it only where a plan's shares bind.
cpSync(join(root, "node_modules/highs/build/highs.wasm"), join(outdir, "highs.wasm"));
const parts = Object.entries(metafile.outputs).filter(([file]) => file.endsWith(".mjs"));
const size = parts.reduce((sum, [, { bytes }]) => sum + bytes, 0);
console.log(
  `Wrote ${join(outdir, "switchyard.mjs")} in ${parts.length} parts (${(size / 1e6).toFixed(1)} MB)`,
);
