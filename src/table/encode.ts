import { canonicalJson, type Json } from "../lib/index.ts";
import { bucketCount, bucketOf, emptyBucket, entryKinds, type Bucket } from "./buckets.ts";
import { contentDigest } from "./digest.ts";
import { pointerDigest, type TablePointer } from "./pointer.ts";
import type { RoutingTable } from "./routing-table.ts";

export interface EncodedTable {
  pointer: TablePointer;
  /** Canonical JSON in UTF-8, uncompressed, by index. */
  buckets: readonly Uint8Array[];
}

/** The table as bytes. Equal tables give equal bytes, whatever the order of their keys. */
export function encodeTable(table: RoutingTable): EncodedTable {
  const utf8 = new TextEncoder();
  // Entries are plain data; their interfaces merely lack the index signature of Json.
  const buckets = splitIntoBuckets(table).map((bucket) =>
    utf8.encode(canonicalJson(bucket as unknown as Json)),
  );
  const content = {
    schemaVersion: table.schemaVersion,
    group: { namespace: table.group.namespace, routerClass: table.group.routerClass },
    buckets: buckets.map((bytes) => ({ digest: contentDigest(bytes) })),
  };
  return { pointer: { ...content, digest: pointerDigest(content) }, buckets };
}

function splitIntoBuckets(table: RoutingTable): Bucket[] {
  const buckets = Array.from({ length: bucketCount }, emptyBucket);
  for (const kind of entryKinds) {
    for (const [name, entry] of Object.entries(table[kind])) {
      Object.assign(buckets[bucketOf(kind, name)]?.[kind] ?? {}, { [name]: entry });
    }
  }
  return buckets;
}
