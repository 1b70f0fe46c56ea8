import { readlink } from "node:fs/promises";
import { bridgeOfNode, nodeAddress } from "./addresses.ts";
import { runProgram } from "./run-program.ts";

const call = { limitMs: 20_000 };

/** The network namespace that this process is in. */
export const networkNamespace = (): Promise<string> => readlink("/proc/self/ns/net");

/**
 * Gives the network namespace a loopback and the node's address, on a bridge: dummy devices are not
 * everywhere. What an earlier cluster in the same namespace has left goes first.
 *
 * @throws Error in the namespace that the run was started from
 */
export async function setUpNetwork(outerNetwork: string): Promise<void> {
  if ((await networkNamespace()) === outerNetwork) {
    throw new Error("A cluster needs a network namespace of its own");
  }
  await clearNetwork();
  await runProgram("ip", ["link", "set", "lo", "up"], call);
  await runProgram("ip", ["link", "add", bridgeOfNode, "type", "bridge"], call);
  await runProgram("ip", ["address", "add", `${nodeAddress}/24`, "dev", bridgeOfNode], call);
  await runProgram("ip", ["link", "set", bridgeOfNode, "up"], call);
  // The kubelet and kube-proxy look for the route of last resort to learn which address is theirs.
  await runProgram("ip", ["route", "add", "default", "dev", bridgeOfNode], call);
}

async function clearNetwork(): Promise<void> {
  for (const device of [bridgeOfNode, "pods0"]) {
    await runProgram("ip", ["link", "delete", device], call).catch(() => undefined);
  }
  for (const table of ["nat", "filter", "mangle"]) {
    await runProgram("iptables", ["-t", table, "-F"], call);
    await runProgram("iptables", ["-t", table, "-X"], call);
  }
}
