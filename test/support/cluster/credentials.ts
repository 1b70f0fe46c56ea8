import { join } from "node:path";
import { makeAuthority, writeKey, type Authority } from "../kube/certificates.ts";
import { readClientConfig, writeKubeconfig, type ClientConfig } from "../kube/client-config.ts";
import { apiUrl, nodeAddress, nodeName } from "./addresses.ts";
import { apiServerNames, type Credentials } from "./server-flags.ts";

/** Writes every key, certificate and kubeconfig of a cluster. */
export async function writeCredentials(
  folder: string,
): Promise<{ credentials: Credentials; adminClient: ClientConfig }> {
  const authority = await makeAuthority(folder);
  const [serviceAccountKey, apiServer, kubeletClient, kubelet, adminClient, nodeClient] =
    await Promise.all([
      writeKey(folder, "service-accounts"),
      authority.issue("kube-apiserver", { commonName: "kube-apiserver", names: apiServerNames }),
      authority.issue("kubelet-client", {
        commonName: "kube-apiserver-kubelet-client",
        organization: "system:masters",
      }),
      authority.issue("kubelet", {
        commonName: nodeName,
        names: [`DNS:${nodeName}`, `IP:${nodeAddress}`],
      }),
      clientOf(authority, "admin", { commonName: "admin", organization: "system:masters" }),
      clientOf(authority, "node", {
        commonName: `system:node:${nodeName}`,
        organization: "system:nodes",
      }),
    ]);
  const [admin, node] = [join(folder, "admin.kubeconfig"), join(folder, "node.kubeconfig")];
  await Promise.all([writeKubeconfig(admin, adminClient), writeKubeconfig(node, nodeClient)]);
  return {
    credentials: {
      authority,
      serviceAccountKey,
      apiServer,
      kubeletClient,
      kubelet,
      admin,
      node,
    },
    adminClient,
  };
}

const clientOf = async (
  authority: Authority,
  name: string,
  holder: { commonName: string; organization: string },
): Promise<ClientConfig> =>
  readClientConfig(apiUrl, authority, await authority.issue(name, holder));
