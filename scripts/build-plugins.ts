// What esbuild cannot know by itself of the packages in the program.
import { readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { OnResolveResult, Plugin } from "esbuild";

/** Most of it is clients of every API, and its package.json does not say that what nobody imports may go. */
const pure = "@kubernetes/client-node";

/** Leaves out of the bundle what nobody imports from a package: its text alone takes memory in every process. */
export const withoutUnused: Plugin = {
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
 * Imports Node's HTTP by require(). A plain import asks it for all that it exports, also for what it makes only when
 * it is asked: a second copy of undici, Node's own, which nobody here uses, and 20 ms of every start.
 */
export const requiredHttp: Plugin = {
  name: "required-http",
  setup(building) {
    building.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === "require-call"
        ? { path: "node:http", external: true }
        : { path: "node:http", namespace: "required" },
    );
    const atHand = Object.entries(Object.getOwnPropertyDescriptors(http))
      .filter(([, property]) => "value" in property)
      .map(([name]) => name);
    building.onLoad({ filter: /./, namespace: "required" }, () => ({
      contents: exportsOf('require("node:http")', atHand),
    }));
  },
};

const exportsOf = (source: string, names: readonly string[]): string =>
  [
    `const all = ${source};`,
    "export default all;",
    `export const { ${names.join(", ")} } = all;`,
  ].join("\n");

const requireHere = createRequire(import.meta.url);

/**
 * Gives CommonJS that is imported on demand the names that Node would give it. A part of its own exports it as its
 * default alone: a bundler cannot know the names of what runs to find them.
 */
export const namedOnDemand: Plugin = {
  name: "named-on-demand",
  setup(building) {
    const packages = /^[^.]/;
    building.onResolve(
      { filter: packages },
      async (wanted): Promise<OnResolveResult | undefined> => {
        const { path, kind, importer, resolveDir, pluginData } = wanted;
        if (kind !== "dynamic-import" || pluginData === namedOnDemand) return undefined;
        const options = { kind, importer, resolveDir, pluginData: namedOnDemand };
        const found = await building.resolve(path, options);
        if (found.external || found.errors.length > 0 || !isCommonJs(found.path)) return found;
        return { path: found.path, namespace: "on-demand" };
      },
    );
    building.onLoad({ filter: /./, namespace: "on-demand" }, ({ path }) => ({
      contents: exportsOf(`require(${JSON.stringify(path)})`, namesOf(path)),
      resolveDir: dirname(path),
    }));
  },
};

/** As esbuild itself tells: some packages hold modules and do not say so in their package.json. */
const isCommonJs = (file: string): boolean =>
  !/^\s*(import|export)\b[^(.]/m.test(readFileSync(file, "utf8"));

const namesOf = (file: string): string[] =>
  Object.keys(requireHere(file) as object).filter(
    (name) => name !== "default" && /^[A-Za-z_$][\w$]*$/.test(name),
  );
