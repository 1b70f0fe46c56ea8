// `npm run build`: the whole program as one file, dist/switchyard.js, with its source map. It needs
// Node 26 and nothing else; `--outdir DIR` puts it elsewhere.
import { chmodSync, cpSync, statSync } from "node:fs";
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

const outfile = join(resolve(root, values.outdir), "switchyard.js");

await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node26",
  sourcemap: true,
  // Every process holds the text in memory. Names stay, for stack traces where no map is at hand.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcesContent: false,
  legalComments: "eof",
  plugins: [withoutUnused],
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
chmodSync(outfile, 0o755);
// A file of its own: the program reads it only where a classifier is wanted.
cpSync(join(root, "src/cli/models"), join(resolve(root, values.outdir), "models"), {
  recursive: true,
});
// The solver's WebAssembly lies beside the program, which reads it only where a plan's shares bind.
cpSync(
  join(root, "node_modules/highs/build/highs.wasm"),
  join(resolve(root, values.outdir), "highs.wasm"),
);
console.log(`Wrote ${outfile} (${(statSync(outfile).size / 1e6).toFixed(1)} MB)`);
