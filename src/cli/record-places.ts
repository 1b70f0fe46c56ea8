import { stat } from "node:fs/promises";
import {
  folderStore,
  type ObjectStore,
  parseS3Url,
  type RecordStore,
  type S3Location,
  s3Store,
} from "../records/index.ts";
import type { Environment } from "./environment.ts";
import { inSentences } from "./store-in-sentences.ts";
import { UsageError } from "./usage-error.ts";

export const isBucket = (place: string): boolean => place.startsWith("s3:");

/** Where records are read from unless a flag says so: where a router with this environment keeps them. */
export const usualPlace = (environment: Environment): string =>
  environment.SWITCHYARD_RECORD_DIR ?? environment.SWITCHYARD_RECORD_S3 ?? ".switchyard";

/**
 * The records of a folder or of `s3://BUCKET/PREFIX`.
 *
 * @throws UsageError where it is neither
 */
export async function openRecords(place: string, environment: Environment): Promise<RecordStore> {
  if (isBucket(place)) return inSentences(await openBucket(place, environment));
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory() === true) return folderStore(place);
  const what = found === undefined ? "does not exist" : "is no folder";
  throw new UsageError(
    `There are no records: ${place} ${what}. npm start and switchyard router --record DIR keep them; name their folder with --records DIR, or a bucket with --records s3://BUCKET/PREFIX`,
  );
}

/** @throws UsageError */
export async function openBucket(url: string, environment: Environment): Promise<ObjectStore> {
  const location = parseS3Url(url);
  if (!location.ok) throw new UsageError(location.error);
  return s3Store({
    ...location.value,
    region: environment.SWITCHYARD_RECORD_S3_REGION,
    endpoint: environment.SWITCHYARD_RECORD_S3_ENDPOINT,
    credentials: credentialsIn(environment),
  });
}

/** Of a store that is not AWS's, say: those of the models are the SDK's to find. */
function credentialsIn(environment: Environment): S3Location["credentials"] {
  const {
    SWITCHYARD_RECORD_S3_ACCESS_KEY_ID: accessKeyId,
    SWITCHYARD_RECORD_S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = environment;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey };
}
