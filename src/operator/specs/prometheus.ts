import type { V1EnvVar, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { ClassConfig } from "../operator-config.ts";
import { routerPaths } from "./router-paths.ts";
import { urlPort } from "./url-port.ts";

/** A volume and where a container has it. */
export interface MountedVolume {
  volume: V1Volume;
  mount: V1VolumeMount;
}

type Prometheus = ClassConfig["prometheus"];

/** What tells routers and the drift job where metrics are kept. None where the class does not say: its `env` may. */
export function prometheusVariables({ url, tokenSecret, sigv4Region }: Prometheus): V1EnvVar[] {
  if (url === undefined) return [];
  return [
    { name: "SWITCHYARD_PROMETHEUS_URL", value: url },
    // Empty counts as unset: halves of two places must not meet.
    {
      name: "SWITCHYARD_PROMETHEUS_TOKEN_FILE",
      value: tokenSecret === undefined ? "" : `${routerPaths.prometheusToken}/token`,
    },
    { name: "SWITCHYARD_PROMETHEUS_SIGV4_REGION", value: sigv4Region ?? "" },
  ];
}

/** A file and no variable: tokens are renewed while a pod runs. */
export function prometheusToken({ url, tokenSecret }: Prometheus): MountedVolume[] {
  if (url === undefined || tokenSecret === undefined) return [];
  const items = [{ key: "token", path: "token" }];
  return [
    {
      volume: {
        name: "prometheus-token",
        secret: { secretName: tokenSecret, items, defaultMode: 0o444 },
      },
      mount: {
        name: "prometheus-token",
        mountPath: routerPaths.prometheusToken,
        readOnly: true,
      },
    },
  ];
}

/** The port of a store with an address of its own. */
export const prometheusPorts = ({ url }: Prometheus): number[] =>
  url === undefined ? [] : [urlPort(url)];
