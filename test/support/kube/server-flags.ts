import { join } from "node:path";
import type { Authority, KeyPairFiles } from "./certificates.ts";

/** Where the parts of a control plane stand and listen. */
export interface Layout {
  folder: string;
  etcdPort: number;
  apiPort: number;
  authority: Authority;
  /** Of the API server. */
  serving: KeyPairFiles;
  /** With which service account tokens are signed. */
  serviceAccountKey: string;
  /** Of an administrator. */
  kubeconfig: string;
  /** Where writes are to be told, and by which policy. */
  audit?: { policy: string; log: string };
}

const flags = (values: Readonly<Record<string, string | number | boolean>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

export function etcdFlags({ folder, etcdPort }: Layout): string[] {
  const url = `http://127.0.0.1:${etcdPort}`;
  return flags({
    "data-dir": join(folder, "etcd"),
    "listen-client-urls": url,
    "advertise-client-urls": url,
    "listen-peer-urls": "http://127.0.0.1:0",
    // Nothing of it is to survive the machine.
    "unsafe-no-fsync": true,
    "log-level": "warn",
  });
}

export const apiServerFlags = (layout: Layout): string[] =>
  flags({
    "etcd-servers": `http://127.0.0.1:${layout.etcdPort}`,
    "bind-address": "127.0.0.1",
    "advertise-address": "127.0.0.1",
    "secure-port": layout.apiPort,
    "tls-cert-file": layout.serving.certificate,
    "tls-private-key-file": layout.serving.key,
    "client-ca-file": layout.authority.certificate,
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-signing-key-file": layout.serviceAccountKey,
    "service-account-key-file": layout.serviceAccountKey,
    "service-cluster-ip-range": "10.96.0.0/16",
    "authorization-mode": "RBAC",
    // The Service "kubernetes" would be given the loopback address, which endpoints may not have.
    "endpoint-reconciler-type": "none",
    profiling: false,
    ...(layout.audit && {
      "audit-policy-file": layout.audit.policy,
      "audit-log-path": layout.audit.log,
    }),
  });

export const controllerManagerFlags = (layout: Layout, controllers: readonly string[]): string[] =>
  flags({
    kubeconfig: layout.kubeconfig,
    controllers: controllers.join(","),
    "root-ca-file": layout.authority.certificate,
    "service-account-private-key-file": layout.serviceAccountKey,
    "use-service-account-credentials": true,
    "leader-elect": false,
    // Nobody asks it for its metrics.
    "secure-port": 0,
  });
