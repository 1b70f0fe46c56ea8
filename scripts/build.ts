// `npm run build`: the whole program as one file, dist/switchyard.js, with its source map. It needs
// Node 26 and nothing else; `--outdir DIR` puts it elsewhere.
import { chmodSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { outdir: { type: "string", default: "dist" } } });
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
  sourcesContent: false,
  legalComments: "eof",
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
console.log(`Wrote ${outfile} (${(statSync(outfile).size / 1e6).toFixed(1)} MB)`);
