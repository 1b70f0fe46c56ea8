import { join } from "node:path";
import {
  apiPort,
  etcdUrl,
  firstServiceAddress,
  nodeAddress,
  nodeName,
  serviceRange,
} from "./addresses.ts";
import type { Authority, KeyPairFiles } from "../kube/certificates.ts";

/** Keys, certificates and kubeconfigs of a cluster. */
export interface Credentials {
  authority: Authority;
  serviceAccountKey: string;
  apiServer: KeyPairFiles;
  /** The API server as a client of the kubelet. */
  kubeletClient: KeyPairFiles;
  kubelet: KeyPairFiles;
  /** kubeconfigs of an administrator and of the node. */
  admin: string;
  node: string;
}

/** Names that the API server is reached by. */
export const apiServerNames: readonly string[] = [
  "DNS:localhost",
  "DNS:kubernetes.default.svc",
  "IP:127.0.0.1",
  `IP:${firstServiceAddress}`,
  `IP:${nodeAddress}`,
];

const flags = (values: Readonly<Record<string, string | number | boolean>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

export const etcdFlags = (folder: string): string[] =>
  flags({
    "data-dir": join(folder, "etcd"),
    "listen-client-urls": etcdUrl,
    "advertise-client-urls": etcdUrl,
    "listen-peer-urls": "http://127.0.0.1:0",
    "unsafe-no-fsync": true,
    "log-level": "warn",
  });

export const apiServerFlags = (credentials: Credentials): string[] =>
  flags({
    "etcd-servers": etcdUrl,
    "bind-address": "0.0.0.0",
    "advertise-address": nodeAddress,
    "secure-port": apiPort,
    "tls-cert-file": credentials.apiServer.certificate,
    "tls-private-key-file": credentials.apiServer.key,
    "client-ca-file": credentials.authority.certificate,
    "kubelet-client-certificate": credentials.kubeletClient.certificate,
    "kubelet-client-key": credentials.kubeletClient.key,
    "kubelet-certificate-authority": credentials.authority.certificate,
    "kubelet-preferred-address-types": "InternalIP",
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-signing-key-file": credentials.serviceAccountKey,
    "service-account-key-file": credentials.serviceAccountKey,
    "service-cluster-ip-range": serviceRange,
    "authorization-mode": "Node,RBAC",
    "enable-admission-plugins": "NodeRestriction",
    "allow-privileged": true,
  });

export const controllerManagerFlags = (credentials: Credentials): string[] =>
  flags({
    kubeconfig: credentials.admin,
    "root-ca-file": credentials.authority.certificate,
    "service-account-private-key-file": credentials.serviceAccountKey,
    "use-service-account-credentials": true,
    "allocate-node-cidrs": false,
    // The only node cannot tell that it lives while the API server is away, and has no substitute.
    "node-monitor-grace-period": "10m",
    "horizontal-pod-autoscaler-sync-period": "2s",
    "horizontal-pod-autoscaler-downscale-stabilization": "10s",
    "leader-elect": false,
    "secure-port": 0,
  });

export const schedulerFlags = (credentials: Credentials): string[] =>
  flags({ kubeconfig: credentials.admin, "leader-elect": false, "secure-port": 0 });

export const kubeletFlags = (folder: string, credentials: Credentials): string[] =>
  flags({
    config: join(folder, "kubelet.json"),
    kubeconfig: credentials.node,
    "root-dir": join(folder, "kubelet"),
    "hostname-override": nodeName,
    "node-ip": nodeAddress,
    "cert-dir": join(folder, "kubelet-pki"),
  });
