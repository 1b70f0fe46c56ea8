import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathOf, resourceTypes } from "../../../../src/kube/index.ts";
import type { OperatorBench } from "../operator-bench.ts";

export interface MountedAccount {
  folder: string;
  /** What the kubelet would tell a pod, and where the folder is. */
  environment: Record<string, string>;
}

/** A folder with a token of a ServiceAccount, as the kubelet mounts it into pods. */
export async function mountAccount(bench: OperatorBench, name: string): Promise<MountedAccount> {
  const { namespace, controlPlane } = bench;
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const { status } = await bench.admin.json<{ status: { token: string } }>({
    method: "POST",
    path: `${pathOf(resourceTypes.ServiceAccount, { namespace, name })}/token`,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
  });
  await writeFile(join(folder, "token"), status.token, { mode: 0o600 });
  await writeFile(join(folder, "ca.crt"), controlPlane.ca);
  const { hostname, port } = new URL(controlPlane.url);
  return {
    folder,
    environment: {
      POD_NAMESPACE: namespace,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      SWITCHYARD_SERVICE_ACCOUNT_DIR: folder,
    },
  };
}
