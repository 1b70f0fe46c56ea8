// `node scripts/cluster.ts COMMAND [ARG…]`: makes ready what a real one-node Kubernetes cluster needs,
// then runs the command in a network namespace of its own, where test/support/cluster starts clusters.
// Nothing of the machine's network, cgroups or files is left changed.
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { cacheFolder } from "../test/support/cache-folder.ts";
import { makeCgroup, removeCgroup } from "../test/support/cluster/cgroups.ts";
import { partsVariable, type ClusterParts } from "../test/support/cluster/cluster-parts.ts";
import { buildPauseImage, buildSwitchyardImage } from "../test/support/cluster/images.ts";
import { networkNamespace } from "../test/support/cluster/network.ts";
import { ensurePackages, systemPath } from "../test/support/cluster/packages.ts";
import { clusterBinaries, resolveBinaries } from "../test/support/kube/binaries.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function prepare(): Promise<Omit<ClusterParts, "cgroup">> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("A cluster for tests needs Linux and root: it makes namespaces and runs pods.");
  }
  // The command gets this Node, whichever the shell would take.
  process.env["PATH"] = [dirname(process.execPath), systemPath()].join(delimiter);
  await ensurePackages(say);
  const binaries = await resolveBinaries(clusterBinaries);
  if (!binaries.ok) throw new Error(binaries.error);
  const settings = { cache: join(cacheFolder(process.env), "cluster"), say };
  const images = {
    pause: await buildPauseImage(binaries.value.pause, settings),
    switchyard: await buildSwitchyardImage(settings),
  };
  return { binaries: binaries.value, images, outerNetwork: await networkNamespace() };
}

/** Its exit code. */
function runInside(command: readonly string[], parts: ClusterParts): Promise<number> {
  const child = spawn("unshare", ["--net", "--", ...command], {
    stdio: "inherit",
    env: { ...process.env, [partsVariable]: JSON.stringify(parts) },
  });
  // The terminal tells the command by itself; here it is only waited for.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
  }
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on("error", reject);
  child.on("exit", (code) => resolve(code ?? 1));
  return promise;
}

const command = process.argv.slice(2);
if (command.length === 0) {
  console.error("Say what to run: node scripts/cluster.ts COMMAND [ARG…]");
  process.exitCode = 2;
} else {
  try {
    const parts = await prepare();
    const cgroup = await makeCgroup();
    try {
      process.exitCode = await runInside(command, { ...parts, cgroup });
    } finally {
      await removeCgroup(cgroup);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
