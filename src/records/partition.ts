import { createHash } from "node:crypto";
import type { KeptRecord } from "./sink.ts";

/** Below which each stream is kept; the request's stands at the top. */
export const streamFolders = { request: "", safety: "safety", label: "labels" } as const;

/** How Hive-style readers, DuckDB among them, write the absence of a value in a folder's name. */
const nothing = "__HIVE_DEFAULT_PARTITION__";

/**
 * Where a record's line belongs: `date=YYYY-MM-DD/namespace=NS/route=ROUTE` and the hour, by its `ts`,
 * UTC. Those of other streams than the request's are below a folder of their own.
 */
export interface Partition {
  folder: string;
  hour: string;
}

export function partitionOf(
  record: Pick<KeptRecord, "ts" | "namespace" | "route"> & { stream?: KeptRecord["stream"] },
): Partition {
  const date = record.ts.slice(0, 10);
  const top = streamFolders[record.stream ?? "request"];
  const folder = `${top === "" ? "" : `${top}/`}date=${date}/namespace=${folderName(record.namespace)}/route=${folderName(record.route)}`;
  return { folder, hour: record.ts.slice(11, 13) };
}

/**
 * A text as one component of a path: URI-encoded, so that no name leaves its folder or clashes with
 * another's; a long one is cut and told apart by its hash.
 */
export function folderName(text: string | null): string {
  if (text === null || text === "") return nothing;
  const encoded = encodeURIComponent(text.toWellFormed()).replace(
    /[.!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded.length <= 160) return encoded;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${encoded.slice(0, 140).replace(/%[0-9A-F]?$/, "")}-${hash}`;
}
