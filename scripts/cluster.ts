// `node scripts/cluster.ts COMMAND [ARG…]`: makes ready what a real one-node Kubernetes cluster needs,
// then runs the command in a network namespace of its own, where test/support/cluster starts clusters.
// Nothing of the machine's network, cgroups or files is left changed. Where Docker and kind are there
// they serve instead.
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { cacheFolder } from "../test/support/cache-folder.ts";
import { makeCgroup, removeCgroup } from "../test/support/cluster/cgroups.ts";
import {
  partsVariable,
  type ClusterParts,
  type KindParts,
  type NodeParts,
} from "../test/support/cluster/cluster-parts.ts";
import {
  buildObjectStoreImage,
  buildObjectStoreWithDocker,
  buildPauseImage,
  buildRedisImage,
  buildSwitchyardImage,
  buildWithDocker,
} from "../test/support/cluster/images.ts";
import { networkNamespace } from "../test/support/cluster/network.ts";
import { ensurePackages, systemPath } from "../test/support/cluster/packages.ts";
import { hasKind } from "../test/support/cluster/start-kind-cluster.ts";
import { clusterBinaries, resolveBinaries } from "../test/support/kube/binaries.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const settings = { cache: join(cacheFolder(process.env), "cluster"), say };

/** What tests start beside the cluster: they could not build it, as nothing leads out of its network. */
const besides = ["prometheus", "promtool"] as const;

async function prepareKind(): Promise<KindParts> {
  const binaries = await resolveBinaries(["kubectl", "helm", "versitygw", ...besides]);
  if (!binaries.ok) throw new Error(binaries.error);
  const images = {
    switchyard: await buildWithDocker("router", settings),
    jobs: await buildWithDocker("jobs", settings),
    objectStore: await buildObjectStoreWithDocker(binaries.value.versitygw, settings),
  };
  return { type: "Kind", binaries: binaries.value, images };
}

async function prepareNode(): Promise<Omit<NodeParts, "cgroup">> {
  await ensurePackages(say);
  const binaries = await resolveBinaries([...clusterBinaries, ...besides]);
  if (!binaries.ok) throw new Error(binaries.error);
  const images = {
    pause: await buildPauseImage(binaries.value.pause, settings),
    switchyard: await buildSwitchyardImage("router", settings),
    jobs: await buildSwitchyardImage("jobs", settings),
    objectStore: await buildObjectStoreImage(binaries.value.versitygw, settings),
    redis: await buildRedisImage(settings),
  };
  const outerNetwork = await networkNamespace();
  return { type: "Node", binaries: binaries.value, images, outerNetwork };
}

/** Its exit code. */
function run(command: readonly string[], parts: ClusterParts): Promise<number> {
  const [program = "", ...parameters] =
    parts.type === "Kind" ? command : ["unshare", "--net", "--", ...command];
  const child = spawn(program, parameters, {
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

async function runOnNode(command: readonly string[]): Promise<number> {
  const parts = await prepareNode();
  const cgroup = await makeCgroup();
  try {
    return await run(command, { ...parts, cgroup });
  } finally {
    await removeCgroup(cgroup);
  }
}

async function main(command: readonly string[]): Promise<number> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("A cluster for tests needs Linux and root: it makes namespaces and runs pods.");
  }
  // The command gets this Node, whichever the shell would take.
  process.env["PATH"] = [dirname(process.execPath), systemPath()].join(delimiter);
  return (await hasKind()) ? run(command, await prepareKind()) : runOnNode(command);
}

const command = process.argv.slice(2);
if (command.length === 0) {
  console.error("Say what to run: node scripts/cluster.ts COMMAND [ARG…]");
  process.exitCode = 2;
} else {
  process.exitCode = await main(command).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  });
}
