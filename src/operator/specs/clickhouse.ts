import type { V1EnvVar } from "@kubernetes/client-node";
import type { ClassConfig } from "../operator-config.ts";
import type { MountedVolume } from "./prometheus.ts";
import { routerPaths } from "./router-paths.ts";
import { urlPort } from "./url-port.ts";

type ClickHouse = ClassConfig["clickhouse"];

/** What tells the drift job where records are to be asked for. None where the class does not say: its `env` may. */
export function clickhouseVariables(clickhouse: ClickHouse): V1EnvVar[] {
  const { url, secret, caSecret, database, table } = clickhouse;
  if (url === undefined) return [];
  return [
    { name: "SWITCHYARD_CLICKHOUSE_URL", value: url },
    // Empty counts as unset: halves of two places must not meet.
    { name: "SWITCHYARD_CLICKHOUSE_DATABASE", value: database ?? "" },
    { name: "SWITCHYARD_CLICKHOUSE_TABLE", value: table ?? "" },
    {
      name: "SWITCHYARD_CLICKHOUSE_CA_FILE",
      value: caSecret === undefined ? "" : `${routerPaths.clickhouseCa}/ca.crt`,
    },
    ...(secret === undefined
      ? []
      : [
          fromSecret("SWITCHYARD_CLICKHOUSE_USERNAME", secret, "username"),
          fromSecret("SWITCHYARD_CLICKHOUSE_PASSWORD", secret, "password"),
        ]),
  ];
}

// Without a user it is the server's default one.
const fromSecret = (variable: string, name: string, key: string): V1EnvVar => ({
  name: variable,
  valueFrom: { secretKeyRef: { name, key, optional: key === "username" } },
});

export function clickhouseAuthority({ caSecret }: ClickHouse): MountedVolume[] {
  if (caSecret === undefined) return [];
  const items = [{ key: "ca.crt", path: "ca.crt" }];
  const secret = { secretName: caSecret, items, defaultMode: 0o444 };
  return [
    {
      volume: { name: "clickhouse-ca", secret },
      mount: { name: "clickhouse-ca", mountPath: routerPaths.clickhouseCa, readOnly: true },
    },
  ];
}

export const clickhousePorts = ({ url }: ClickHouse): number[] =>
  url === undefined ? [] : [urlPort(url)];
