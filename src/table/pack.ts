import { gunzipSync, gzipSync } from "node:zlib";

import { err, ok, type Result } from "../lib/index.ts";
import { tableError, type TableError } from "./table-error.ts";

/** Bytes of a compressed bucket: a ConfigMap holds 1 MiB, and its metadata want room too. */
export const packedLimit = 700 * 1024;

/** Bytes of a bucket at most, uncompressed; more is refused before it fills a router's memory. */
export const unpackedLimit = 16 * 1024 * 1024;

/** A bucket as a slot holds it: gzip. `TooLarge` where it exceeds either limit. */
export function packBucket(bytes: Uint8Array): Result<Uint8Array, TableError> {
  if (bytes.length > unpackedLimit) {
    return err(
      tableError("TooLarge", `A bucket has ${bytes.length} bytes; ${unpackedLimit} is the limit`),
    );
  }
  const packed = gzipSync(bytes, { level: 9 });
  if (packed.length > packedLimit) {
    return err(
      tableError(
        "TooLarge",
        `A bucket has ${packed.length} bytes compressed; ${packedLimit} is the limit`,
      ),
    );
  }
  return ok(packed);
}

/** A bucket out of its slot. `TooLarge` beyond either limit, `BucketInvalid` where it is not gzip. */
export function unpackBucket(packed: Uint8Array): Result<Uint8Array, TableError> {
  if (packed.length > packedLimit) {
    return err(
      tableError(
        "TooLarge",
        `A bucket has ${packed.length} bytes compressed; ${packedLimit} is the limit`,
      ),
    );
  }
  try {
    return ok(gunzipSync(packed, { maxOutputLength: unpackedLimit }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const code =
      (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE" ? "TooLarge" : "BucketInvalid";
    return err(tableError(code, `A bucket cannot be unpacked: ${reason}`));
  }
}
