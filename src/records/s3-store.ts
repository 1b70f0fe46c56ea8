import { Readable } from "node:stream";
import type { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { MissingFile, type RecordStore } from "./record-store.ts";
import type { S3Location } from "./s3-location.ts";

/** A store whose files are written whole. */
export interface ObjectStore extends RecordStore {
  /** Puts an object in the place of any that has its path: to put it twice is to put it once. @throws Error */
  put(path: string, body: Buffer, signal: AbortSignal): Promise<void>;
}

/** No sink of ours writes a tenth of it; what others put there must not take all memory. */
const largestObject = 64 * 1024 * 1024;
const objectsPerRemoval = 1_000;

/** A bucket, by the AWS SDK, which is loaded here: a router that keeps no records there never reads it. */
export async function s3Store(location: S3Location): Promise<ObjectStore> {
  const { bucket, prefix, region, endpoint, credentials } = location;
  const sdk = await import("@aws-sdk/client-s3");
  const { NodeHttpHandler } = await import("@smithy/node-http-handler");
  const client = new sdk.S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: 3,
    // The signature covers each body's digest already, and not every compatible store knows the newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
    }),
  });
  const name = `s3://${bucket}${prefix === "" ? "" : `/${prefix.slice(0, -1)}`}`;
  return {
    name,
    readAhead: 8,
    list: async function* (beginning) {
      const input = { Bucket: bucket, Prefix: `${prefix}${beginning}` };
      for await (const page of sdk.paginateListObjectsV2({ client }, input)) {
        for (const { Key } of page.Contents ?? [])
          if (Key !== undefined) yield Key.slice(prefix.length);
      }
    },
    open: async (path) => {
      const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: `${prefix}${path}` });
      return Readable.from([await getWhole(client, command)]);
    },
    put: async (path, body, signal) => {
      const command = new sdk.PutObjectCommand({
        Bucket: bucket,
        Key: `${prefix}${path}`,
        Body: body,
        ContentType: "application/gzip",
      });
      await client.send(command, { abortSignal: signal });
    },
    remove: async (paths) => {
      for (let at = 0; at < paths.length; at += objectsPerRemoval) {
        const Objects = paths
          .slice(at, at + objectsPerRemoval)
          .map((path) => ({ Key: `${prefix}${path}` }));
        const command = new sdk.DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects, Quiet: true },
        });
        const [failed] = (await client.send(command)).Errors ?? [];
        if (failed !== undefined)
          throw new Error(`${name}/${failed.Key} was not removed: ${failed.Message}`);
      }
    },
    close: () => client.destroy(),
  };
}

/**
 * Whole, so that a connection that breaks in its midst is tried again: the SDK repeats requests, not bodies.
 *
 * @throws MissingFile where the object itself is the trouble
 */
async function getWhole(client: S3Client, command: GetObjectCommand): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await client.send(command).catch(ofTheObject);
    if ((found.ContentLength ?? 0) > largestObject)
      throw new MissingFile(`The object is larger than ${largestObject} bytes: no router wrote it`);
    try {
      return (await found.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      if (attempt >= 3) throw error;
    }
  }
}

/** Gone meanwhile, or archived: others may still be read. */
function ofTheObject(error: unknown): never {
  const known = error instanceof Error && ["NoSuchKey", "InvalidObjectState"].includes(error.name);
  throw known ? new MissingFile(error.message) : error;
}
