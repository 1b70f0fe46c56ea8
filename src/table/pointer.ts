import { canonicalJson, err, ok, type Result } from "../lib/index.ts";
import { z } from "zod";

import { bucketCount } from "./buckets.ts";
import { contentDigest } from "./digest.ts";
import { schemaVersion } from "./routing-table.ts";
import { tableError, type TableError } from "./table-error.ts";

/** Versions of the table's shape that this release reads: its own and the one before it. */
const readableVersions: readonly number[] = [schemaVersion - 1, schemaVersion].filter(
  (version) => version >= 1,
);

/** What routers watch: which buckets make up the table. */
export interface TablePointer {
  schemaVersion: number;
  group: { namespace: string; routerClass: string };
  /** One for each bucket, by its index. `slot` names the object that holds it, where buckets are published in slots. */
  buckets: readonly { digest: string; slot?: "A" | "B" }[];
  /** The group's own classifier model, where routes name one: the digest of its file. */
  model?: { digest: string; slot?: "A" | "B" };
  /** The digest of the whole table. Slots are not part of it: equal tables have equal digests wherever they lie. */
  digest: string;
}

const digestShape = z.string().regex(/^[0-9a-f]{64}$/);

const pointerShape = z.strictObject({
  schemaVersion: z.int().positive(),
  group: z.strictObject({ namespace: z.string(), routerClass: z.string() }),
  buckets: z
    .array(z.strictObject({ digest: digestShape, slot: z.enum(["A", "B"]).exactOptional() }))
    .length(bucketCount),
  model: z
    .strictObject({ digest: digestShape, slot: z.enum(["A", "B"]).exactOptional() })
    .exactOptional(),
  digest: digestShape,
}) satisfies z.ZodType<TablePointer>;

/** The digest of a pointer: of its canonical bytes without slots and without itself. */
export function pointerDigest(pointer: Omit<TablePointer, "digest">): string {
  const { group, buckets, model } = pointer;
  return contentDigest(
    canonicalJson({
      schemaVersion: pointer.schemaVersion,
      group: { namespace: group.namespace, routerClass: group.routerClass },
      buckets: buckets.map(({ digest }) => ({ digest })),
      ...(model === undefined ? {} : { model: { digest: model.digest } }),
    }),
  );
}

/**
 * A pointer out of JSON that nobody vouches for.
 *
 * @returns the pointer, or `SchemaVersion` or `PointerInvalid`
 */
export function readPointer(value: unknown): Result<TablePointer, TableError> {
  const version = (value as { schemaVersion?: unknown } | null | undefined)?.schemaVersion;
  // The version comes first: of another version's shape nothing else is known.
  if (typeof version === "number" && !readableVersions.includes(version)) {
    const readable = readableVersions.join(" and ");
    return err(
      tableError(
        "SchemaVersion",
        `The table has schema version ${version}; this release reads ${readable}`,
      ),
    );
  }
  const parsed = pointerShape.safeParse(value);
  if (!parsed.success) {
    return err(
      tableError(
        "PointerInvalid",
        `The pointer is not of its shape: ${firstProblem(parsed.error)}`,
      ),
    );
  }
  const expected = pointerDigest(parsed.data);
  if (parsed.data.digest !== expected) {
    return err(
      tableError(
        "PointerInvalid",
        `The pointer says digest ${parsed.data.digest}; its content has ${expected}`,
      ),
    );
  }
  return ok(parsed.data);
}

/** The path and message of the first problem. */
export function firstProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "unknown problem";
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

/** Indices of the buckets that differ; all of them where there was no pointer before. */
export function changedBuckets(previous: TablePointer | undefined, next: TablePointer): number[] {
  const changed: number[] = [];
  for (const [index, { digest }] of next.buckets.entries()) {
    if (previous?.buckets[index]?.digest !== digest) changed.push(index);
  }
  return changed;
}
