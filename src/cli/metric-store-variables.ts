import { z } from "zod";
import { storeUrlProblem } from "../lib/index.ts";
import { UsageError } from "./usage-error.ts";

/** Of a store that is asked over HTTP, wherever it is named. */
const storeUrl = z
  .string()
  .max(2_048)
  .superRefine((text, context) => {
    const message = storeUrlProblem(text);
    if (message !== undefined) context.addIssue(message);
  });
const some = z.string().min(1).max(4_096);

/** Where metrics and records are asked for that others keep. */
export const metricStores = {
  SWITCHYARD_PROMETHEUS_URL: storeUrl.optional(),
  SWITCHYARD_PROMETHEUS_TOKEN_FILE: some.optional(),
  SWITCHYARD_PROMETHEUS_USERNAME: some.optional(),
  SWITCHYARD_PROMETHEUS_PASSWORD: some.optional(),
  SWITCHYARD_PROMETHEUS_SIGV4_REGION: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "write a region of AWS, such as eu-central-1")
    .optional(),
  SWITCHYARD_PROMETHEUS_ORG_ID: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/, "write visible ASCII alone, as for a header")
    .optional(),
  SWITCHYARD_PROMETHEUS_CA_FILE: some.optional(),
  SWITCHYARD_PROMETHEUS_MATCH: some.optional(),
  SWITCHYARD_CLICKHOUSE_URL: storeUrl.optional(),
  SWITCHYARD_CLICKHOUSE_USERNAME: some.optional(),
  SWITCHYARD_CLICKHOUSE_PASSWORD: some.optional(),
  SWITCHYARD_CLICKHOUSE_DATABASE: some.optional(),
  SWITCHYARD_CLICKHOUSE_TABLE: some.optional(),
  SWITCHYARD_CLICKHOUSE_CA_FILE: some.optional(),
} as const;

/** What a flag names in place of the variable. @throws UsageError */
export function storeUrlOf(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parsed = storeUrl.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--${flag}: ${parsed.error.issues[0]?.message ?? "write a URL"}`);
}
