import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { stringify } from "yaml";
import type { Authority, KeyPairFiles } from "./certificates.ts";

/** How a client reaches an API server and who it is there; certificates and key in PEM. */
export interface ClientConfig {
  url: string;
  ca: string;
  cert: string;
  key: string;
}

export async function readClientConfig(
  url: string,
  authority: Authority,
  client: KeyPairFiles,
): Promise<ClientConfig> {
  const [cert, key] = [
    await readFile(client.certificate, "utf8"),
    await readFile(client.key, "utf8"),
  ];
  return { url, ca: authority.pem, cert, key };
}

/** Writes a kubeconfig with this one cluster, user and context. */
export async function writeKubeconfig(path: string, config: ClientConfig): Promise<void> {
  const base64 = (pem: string): string => Buffer.from(pem).toString("base64");
  const cluster = { server: config.url, "certificate-authority-data": base64(config.ca) };
  const user = {
    "client-certificate-data": base64(config.cert),
    "client-key-data": base64(config.key),
  };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  };
  await writeFile(path, stringify(kubeconfig), { mode: 0o600 });
}

export interface ApiReply {
  status: number;
  body: string;
}

export interface ApiCall {
  method: "GET" | "POST" | "PATCH";
  /** With its query. */
  path: string;
  body?: string;
  /** Of the body; by default JSON. */
  contentType?: string;
}

/** One call on a connection of its own. Fails where nobody answers within 5 s. */
export function callApi(config: ClientConfig, call: ApiCall): Promise<ApiReply> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiReply>();
  const sending = request(new URL(call.path, config.url), {
    method: call.method,
    agent: false,
    ca: config.ca,
    cert: config.cert,
    key: config.key,
    headers: { "content-type": call.contentType ?? "application/json" },
    signal: AbortSignal.timeout(5_000),
  });
  sending.on("error", reject);
  sending.on("response", (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => (text += chunk));
    response.on("error", reject);
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
  });
  sending.end(call.body);
  return promise;
}
