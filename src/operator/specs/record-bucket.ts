import type { V1EnvVar } from "@kubernetes/client-node";
import type { ClassConfig } from "../operator-config.ts";
import { urlPort } from "./url-port.ts";

type Records = ClassConfig["records"];

/** What tells routers and jobs where records are kept. None where the class does not say: its `env` may. */
export function recordVariables({ s3 }: Records): V1EnvVar[] {
  if (s3 === undefined) return [];
  const { bucket, prefix, region, endpoint, secret, flushSeconds } = s3;
  const place = prefix === "" ? bucket : `${bucket}/${prefix}`;
  return [
    { name: "SWITCHYARD_RECORD_S3", value: `s3://${place}` },
    // Empty counts as unset: halves of two places must not meet.
    { name: "SWITCHYARD_RECORD_S3_REGION", value: region ?? "" },
    { name: "SWITCHYARD_RECORD_S3_ENDPOINT", value: endpoint ?? "" },
    { name: "SWITCHYARD_RECORD_S3_FLUSH_MS", value: String(flushSeconds * 1_000) },
    ...(secret === undefined
      ? []
      : [
          fromSecret("SWITCHYARD_RECORD_S3_ACCESS_KEY_ID", secret, "accessKeyId"),
          fromSecret("SWITCHYARD_RECORD_S3_SECRET_ACCESS_KEY", secret, "secretAccessKey"),
        ]),
  ];
}

const fromSecret = (variable: string, name: string, key: string): V1EnvVar => ({
  name: variable,
  valueFrom: { secretKeyRef: { name, key } },
});

/** The port of a store with an address of its own; AWS's is the one that providers are reached by. */
export const recordPorts = ({ s3 }: Records): number[] =>
  s3?.endpoint === undefined ? [] : [urlPort(s3.endpoint)];
