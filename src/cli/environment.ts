import { z } from "zod";
import { metricStores } from "./metric-store-variables.ts";
import { UsageError } from "./usage-error.ts";

/** Digits alone: what else JavaScript takes for a number, nobody means. */
const whole = (low: number, high: number) =>
  z
    .string()
    .regex(/^[0-9]{1,10}$/, "write a whole number")
    .transform(Number)
    .pipe(z.int().min(low).max(high));

const port = whole(0, 65_535);
const milliseconds = whole(1, 3_600_000);
const leastBytes = 1_024;

/** What the kubelet sets for a Service whose name begins like ours. */
const serviceLink =
  /_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** What the downward API and the kubelet tell a pod of itself; nobody sets it by hand. */
const pod = {
  POD_NAMESPACE: z.string().optional(),
  POD_NAME: z.string().optional(),
  POD_UID: z.string().optional(),
  KUBERNETES_SERVICE_HOST: z.string().optional(),
  KUBERNETES_SERVICE_PORT: z.string().optional(),
};

/** Every variable that is read, but those of AWS' and OpenTelemetry's. Flags of the same meaning win over them. */
const environment = z.object({
  SWITCHYARD_HOST: z.string().min(1).optional(),
  SWITCHYARD_PORT: port.optional(),
  SWITCHYARD_ADMIN_HOST: z.string().min(1).optional(),
  SWITCHYARD_ADMIN_PORT: port.optional(),
  SWITCHYARD_ADMIN_TOKEN: z.string().min(16).optional(),
  SWITCHYARD_TLS_DIR: z.string().min(1).optional(),
  SWITCHYARD_ROUTER_CLASS: z.string().min(1).optional(),
  SWITCHYARD_TABLE_DIR: z.string().min(1).default("/var/lib/switchyard"),
  SWITCHYARD_SERVICE_ACCOUNT_DIR: z.string().min(1).optional(),
  SWITCHYARD_CLUSTER_ISSUER: z.string().min(1).optional(),
  SWITCHYARD_CLUSTER_JWKS: z.string().min(1).optional(),
  SWITCHYARD_OPERATOR_CONFIG: z.string().min(1).optional(),
  SWITCHYARD_KUBECONFIG: z.string().min(1).optional(),
  SWITCHYARD_CONFIG: z.string().min(1).optional(),
  SWITCHYARD_RECORD_DIR: z.string().min(1).optional(),
  SWITCHYARD_RECORD_S3: z.string().min(1).max(1_024).optional(),
  SWITCHYARD_RECORD_S3_REGION: z.string().min(1).max(64).optional(),
  SWITCHYARD_RECORD_S3_ENDPOINT: z
    .url({ protocol: /^https?$/, message: "write a URL with http:// or https://" })
    .optional(),
  SWITCHYARD_RECORD_S3_ACCESS_KEY_ID: z.string().min(1).max(512).optional(),
  SWITCHYARD_RECORD_S3_SECRET_ACCESS_KEY: z.string().min(1).max(512).optional(),
  SWITCHYARD_RECORD_S3_FLUSH_MS: milliseconds.default(300_000),
  SWITCHYARD_RECORDS: z.enum(["stdout", "none"]).default("stdout"),
  SWITCHYARD_EMF: z.stringbool().default(false),
  SWITCHYARD_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  SWITCHYARD_MAX_BODY_BYTES: whole(leastBytes, 1024 * 1024 * 1024).default(20 * 1024 * 1024),
  SWITCHYARD_MAX_HEADER_BYTES: whole(leastBytes, 1024 * 1024).default(16 * 1024),
  SWITCHYARD_MAX_REQUESTS: whole(1, 1_000_000).default(2_000),
  SWITCHYARD_MAX_HELD_BYTES: whole(leastBytes, 8 * 1024 * 1024 * 1024).default(128 * 1024 * 1024),
  SWITCHYARD_REQUEST_TIMEOUT_MS: milliseconds.default(30_000),
  SWITCHYARD_CLIENT_STALL_MS: milliseconds.default(30_000),
  SWITCHYARD_DRAIN_MS: milliseconds.default(30_000),
  SWITCHYARD_REDIS_URL: z.string().min(1).max(4_096).optional(),
  SWITCHYARD_REDIS_CLUSTER: z.stringbool().default(false),
  SWITCHYARD_REDIS_USERNAME: z.string().min(1).optional(),
  SWITCHYARD_REDIS_PASSWORD: z.string().min(1).optional(),
  SWITCHYARD_REDIS_CA_FILE: z.string().min(1).optional(),
  SWITCHYARD_REDIS_KEY_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/, "write 1 to 64 letters, digits, ., _, : or -")
    .default("switchyard"),
  SWITCHYARD_REDIS_TIMEOUT_MS: whole(1, 60_000).default(100),
  SWITCHYARD_MAX_TENANT_LABELS: whole(1, 10_000).default(100),
  SWITCHYARD_SLOW_REQUEST_MS: milliseconds.default(10_000),
  ...metricStores,
  ...pod,
});

/** A body that is let in by the one bound and never by the other would be told to come back for ever. */
const sound = environment
  .refine((each) => each.SWITCHYARD_MAX_HELD_BYTES >= each.SWITCHYARD_MAX_BODY_BYTES, {
    path: ["SWITCHYARD_MAX_HELD_BYTES"],
    message: "write no less than SWITCHYARD_MAX_BODY_BYTES, so that the longest body fits in",
  })
  .refine((each) => !each.SWITCHYARD_EMF || each.SWITCHYARD_RECORDS === "stdout", {
    path: ["SWITCHYARD_EMF"],
    message: "metrics stand in printed records: leave SWITCHYARD_RECORDS at stdout, or this out",
  })
  .refine(
    (each) =>
      (each.SWITCHYARD_RECORD_S3_ACCESS_KEY_ID === undefined) ===
      (each.SWITCHYARD_RECORD_S3_SECRET_ACCESS_KEY === undefined),
    {
      path: ["SWITCHYARD_RECORD_S3_ACCESS_KEY_ID"],
      message: "write it together with SWITCHYARD_RECORD_S3_SECRET_ACCESS_KEY, or neither",
    },
  );

export type Environment = z.output<typeof environment>;

/**
 * Reads all variables at once. An empty one counts as unset, as shells leave them.
 *
 * @throws UsageError naming every variable that is wrong, and every one that begins like ours and is not
 */
export function readEnvironment(source: NodeJS.ProcessEnv): Environment {
  const known = environment.shape;
  const ours = Object.fromEntries(
    Object.entries(source).filter(
      ([name, value]) =>
        value !== "" && (name.startsWith("SWITCHYARD_") || Object.hasOwn(known, name)),
    ),
  );
  const strangers = Object.keys(ours).filter(
    (name) => !Object.hasOwn(known, name) && !serviceLink.test(name),
  );
  const parsed = sound.safeParse(ours);
  const problems = [
    ...strangers.map(
      (name) => `${name} is no setting of Switchyard: remove it, or correct its name`,
    ),
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`),
  ];
  if (!parsed.success || problems.length > 0) throw new UsageError(problems.join("\n"));
  return parsed.data;
}
