import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { readParts } from "./cluster-parts.ts";
import type { Cluster } from "./cluster.ts";
import { exampleNamespace } from "./installed-example.ts";
import { words } from "./words.ts";

/** Has a port of a pod on this machine's loopback, as people do it, while the work goes on. */
export async function withForwardedPort<T>(
  { kubeconfig }: Cluster,
  { pod, port }: { pod: string; port: number },
  work: (url: string) => Promise<T>,
): Promise<T> {
  const forward = words`-n ${exampleNamespace} port-forward pod/${pod} :${String(port)}`;
  const child = spawn(readParts().binaries.kubectl, ["--kubeconfig", kubeconfig, ...forward], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 120_000,
  });
  const ended = once(child, "close");
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, local] = /^Forwarding from (127\.0\.0\.1:\d+)/.exec(line) ?? [];
      if (local !== undefined) return await work(`http://${local}`);
    }
    throw new Error(`kubectl ${forward.join(" ")} ended and forwarded nothing`);
  } finally {
    child.kill();
    await ended;
  }
}
