import { atOnce, err, ok, type Result, type Steps } from "../lib/index.ts";
import {
  bucketCount,
  bucketOf,
  emptyBucket,
  entryKinds,
  type Bucket,
  type EntryKind,
} from "./buckets.ts";
import { findContradiction } from "./consistency.ts";
import { contentDigest } from "./digest.ts";
import { bucketShape, entryName, entryShapes } from "./entry-shapes.ts";
import { firstProblem, readPointer, type TablePointer } from "./pointer.ts";
import { schemaVersion, type RoutingTable } from "./routing-table.ts";
import { tableError, type TableError } from "./table-error.ts";

/** Buckets that were decoded before, by their digests: equal bytes need no second look. */
export type KnownBuckets = Map<string, Bucket>;

/**
 * The table out of a pointer and its buckets, of which nothing is believed: digests, version, shape,
 * place and mutual references are all verified. It never throws, whatever the bytes.
 *
 * @param encoded the pointer as parsed JSON, and the uncompressed bytes of every bucket by index;
 *   those that are known need none
 * @param known filled with the table's buckets, and rid of all others, once the table is sound
 * @returns the table, or what is wrong and with which bucket
 */
export function decodeTable(
  encoded: EncodedBuckets,
  known: KnownBuckets = new Map(),
): Result<RoutingTable, TableError> {
  return atOnce(decodeSteps(encoded, known));
}

interface EncodedBuckets {
  pointer: unknown;
  buckets: readonly (Uint8Array | undefined)[];
}

/** The same in steps, none of which takes longer than reading the JSON of a bucket. */
export function* decodeSteps(
  encoded: EncodedBuckets,
  known: KnownBuckets,
): Steps<Result<RoutingTable, TableError>> {
  const pointer = readPointer(encoded.pointer);
  if (!pointer.ok) return pointer;
  if (encoded.buckets.length !== bucketCount) {
    return err(
      tableError(
        "PointerInvalid",
        `There are ${encoded.buckets.length} buckets where ${bucketCount} belong`,
      ),
    );
  }
  const whole = emptyBucket();
  const decoded: KnownBuckets = new Map();
  for (const [index, { digest }] of pointer.value.buckets.entries()) {
    // An empty bucket's bytes are the same wherever it stands; any other's entries name its place.
    const bucket =
      lookUp(known, digest) ?? (yield* decodeBucket(index, encoded.buckets[index], digest));
    if (!bucket.ok) return bucket;
    yield;
    decoded.set(digest, bucket.value);
    for (const kind of entryKinds) Object.assign(whole[kind], bucket.value[kind]);
  }
  const contradiction = yield* findContradiction(whole, pointer.value.model?.digest);
  if (contradiction !== undefined) return err(tableError("Inconsistent", contradiction));
  known.clear();
  for (const [digest, bucket] of decoded) known.set(digest, bucket);
  return ok({ schemaVersion, group: pointer.value.group, ...whole });
}

/**
 * What can be read of a table that is not whole: the entries of its sound buckets. They may refer to
 * what is missing, so it is no table to serve from; it tells which forms were published.
 */
export function salvageTable(encoded: {
  pointer: TablePointer;
  buckets: readonly (Uint8Array | undefined)[];
}): RoutingTable {
  const whole = emptyBucket();
  for (const [index, { digest }] of encoded.pointer.buckets.entries()) {
    const bucket = atOnce(decodeBucket(index, encoded.buckets[index], digest));
    if (!bucket.ok) continue;
    for (const kind of entryKinds) Object.assign(whole[kind], bucket.value[kind]);
  }
  return { schemaVersion, group: encoded.pointer.group, ...whole };
}

function lookUp(known: KnownBuckets, digest: string): Result<Bucket, TableError> | undefined {
  const bucket = known.get(digest);
  return bucket === undefined ? undefined : ok(bucket);
}

function* decodeBucket(
  index: number,
  bytes: Uint8Array | undefined,
  expected: string,
): Steps<Result<Bucket, TableError>> {
  const refuse = (code: TableError["code"], why: string) =>
    err(tableError(code, `Bucket ${index} ${why}`, index));
  if (bytes === undefined) return refuse("DigestMismatch", "is missing");
  const digest = contentDigest(bytes);
  if (digest !== expected)
    return refuse("DigestMismatch", `has the digest ${digest}; the pointer says ${expected}`);
  yield;
  const json = parseJson(bytes);
  if (!json.ok) return refuse("BucketInvalid", `is not JSON: ${json.error}`);
  yield;
  const parsed = bucketShape.safeParse(json.value);
  if (!parsed.success)
    return refuse("BucketInvalid", `is not of its shape: ${firstProblem(parsed.error)}`);
  const bucket = emptyBucket();
  for (const kind of entryKinds) {
    for (const [name, entry] of Object.entries(parsed.data[kind])) {
      yield;
      const read = readEntry(kind, name, entry);
      if (!read.ok) return refuse("BucketInvalid", read.error);
      const home = bucketOf(kind, name);
      if (home !== index)
        return refuse("EntryMisplaced", `holds ${kind}/${name}, which belongs in bucket ${home}`);
      Object.assign(bucket[kind], { [name]: read.value });
    }
  }
  return ok(bucket);
}

function readEntry(
  kind: EntryKind,
  name: string,
  entry: unknown,
): Result<Bucket[EntryKind][string], string> {
  const parsed = entryShapes[kind].safeParse(entry);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = [kind, name, ...(issue?.path ?? [])].map(String).join(".");
    return err(`is not of its shape: ${at}: ${issue?.message ?? "unknown problem"}`);
  }
  const proper = entryName(parsed.data);
  return proper === name ? ok(parsed.data) : err(`holds ${kind}/${name} under the name ${proper}`);
}

function parseJson(bytes: Uint8Array): Result<unknown, string> {
  try {
    return ok(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}
