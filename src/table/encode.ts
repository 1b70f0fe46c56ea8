import { canonicalText } from "../lib/index.ts";
import { bucketCount, bucketOf, entryKinds, type EntryKind } from "./buckets.ts";
import { contentDigest } from "./digest.ts";
import { ownModel } from "./own-model.ts";
import { pointerDigest, type TablePointer } from "./pointer.ts";
import type { RoutingTable } from "./routing-table.ts";

export interface EncodedTable {
  pointer: TablePointer;
  /** Canonical JSON in UTF-8, uncompressed, by index. */
  buckets: readonly Uint8Array[];
}

/**
 * The table as bytes. Equal tables give equal bytes, whatever the order of their keys.
 *
 * @param table its entries must never be changed: the text of each is made once
 * @param previous a table that probably differs in a few entries; nothing but time comes of it
 */
export function encodeTable(table: RoutingTable, previous?: EncodedTable): EncodedTable {
  const utf8 = new TextEncoder();
  const parts = bucketTexts(table).map((text, index) => {
    const bytes = utf8.encode(text);
    const before = previous?.buckets[index];
    const digest = previous?.pointer.buckets[index]?.digest;
    return before !== undefined && digest !== undefined && Buffer.compare(before, bytes) === 0
      ? { bytes: before, digest }
      : { bytes, digest: contentDigest(bytes) };
  });
  const model = ownModel(table);
  const content = {
    schemaVersion: table.schemaVersion,
    group: { namespace: table.group.namespace, routerClass: table.group.routerClass },
    buckets: parts.map(({ digest }) => ({ digest })),
    ...(model === undefined ? {} : { model: { digest: model } }),
  };
  return {
    pointer: { ...content, digest: pointerDigest(content) },
    buckets: parts.map(({ bytes }) => bytes),
  };
}

/** The canonical JSON of every bucket, put together from that of its entries. */
function bucketTexts(table: RoutingTable): string[] {
  const buckets = Array.from({ length: bucketCount }, (): Record<EntryKind, string[]> => ({
    backends: [],
    plans: [],
    routes: [],
    tenants: [],
  }));
  for (const kind of entryKinds) {
    for (const name of Object.keys(table[kind]).toSorted()) {
      const entry = table[kind][name];
      if (entry === undefined) continue;
      buckets[bucketOf(kind, name)]?.[kind].push(`${JSON.stringify(name)}:${canonicalText(entry)}`);
    }
  }
  return buckets.map((bucket) => {
    const members = entryKinds.map((kind) => `"${kind}":{${bucket[kind].join(",")}}`);
    return `{${members.join(",")}}`;
  });
}
