import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../../../src/lib/index.ts";
import { cacheFolder, withLock } from "../cache-folder.ts";
import { kubernetesVersion, type BinaryName } from "./binary-recipes.ts";
import { buildBinary, buildLimitMs, cachedPath, type BuildSettings } from "./go-build.ts";

export {
  allBinaries,
  clusterBinaries,
  controlPlaneBinaries,
  type BinaryName,
} from "./binary-recipes.ts";

/** How long finding binaries may take where each of them must first be built. */
export const resolveLimitMs = 60 * 60_000;

const ownSettings: BuildSettings = {
  environment: process.env,
  say: (line) => void process.stderr.write(`${line}\n`),
};

/**
 * Paths of parts of a real Kubernetes, and of what watches it: of those in the folder KUBEBUILDER_ASSETS, else of those kept
 * in the cache folder, else of those it builds from Go now, which takes minutes and is done once.
 * The error is for a person: which are missing, where they were looked for and what would help.
 */
export async function resolveBinaries<Name extends BinaryName>(
  names: readonly Name[],
  settings: BuildSettings = ownSettings,
): Promise<Result<Record<Name, string>, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const path = await resolveBinary(name, settings);
    if (!path.ok) return err(complaint(name, path.error, settings.environment));
    found[name] = path.value;
  }
  return ok(found as Record<Name, string>);
}

const cacheOf = (environment: NodeJS.ProcessEnv): string =>
  join(cacheFolder(environment), `kube-${kubernetesVersion}`);

async function resolveBinary(
  name: BinaryName,
  settings: BuildSettings,
): Promise<Result<string, string>> {
  const assets = settings.environment["KUBEBUILDER_ASSETS"];
  if (assets && (await isExecutable(join(assets, name)))) return ok(join(assets, name));
  const cache = cacheOf(settings.environment);
  const target = await cachedPath(cache, name);
  if (await isExecutable(target)) return ok(target);
  return buildOnce(cache, name, target, settings);
}

// One build at a time on a machine: Go uses every core by itself. The lock is let go between two
// binaries, so a run that needs four does not wait for one that builds ten.
async function buildOnce(
  cache: string,
  name: BinaryName,
  target: string,
  settings: BuildSettings,
): Promise<Result<string, string>> {
  const waiting = setInterval(
    () => settings.say(`… ${name}: another process builds in ${cache}`),
    30_000,
  );
  try {
    return await withLock(join(cache, "build"), buildLimitMs, async () => {
      clearInterval(waiting);
      if (await isExecutable(target)) return ok(target);
      return buildBinary(name, target, settings);
    });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  } finally {
    clearInterval(waiting);
  }
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

function complaint(name: BinaryName, reason: string, environment: NodeJS.ProcessEnv): string {
  const assets = environment["KUBEBUILDER_ASSETS"];
  const given = assets
    ? `KUBEBUILDER_ASSETS (${assets}) has none`
    : "KUBEBUILDER_ASSETS is not set";
  return (
    `${name} is missing: ${given}, ${cacheOf(environment)} has none, and it could not be built: ` +
    `${reason}\nInstall Go and let it reach a module proxy (npm run kube:build then builds all that is missing), ` +
    "or set KUBEBUILDER_ASSETS to a folder with the binaries."
  );
}
