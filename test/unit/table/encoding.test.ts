import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  bucketCount,
  bucketOf,
  changedBuckets,
  decodeTable,
  encodeTable,
  type RoutingTable,
} from "../../../src/table/index.ts";
import { arbitraryTable } from "./arbitrary-table.ts";

/** The same value with every object's keys in another order. */
function reordered<T>(value: T, order: (keys: string[]) => string[]): T {
  if (Array.isArray(value)) return value.map((item) => reordered(item, order)) as T;
  if (value === null || typeof value !== "object") return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(
    order(Object.keys(record)).map((key) => [key, reordered(record[key], order)]),
  ) as T;
}

const withRoutes = arbitraryTable.filter((table) => Object.keys(table.routes).length > 0);

describe("encoding a table", () => {
  test("what was encoded decodes to an equal table", () => {
    fc.assert(
      fc.property(arbitraryTable, (table) => {
        const decoded = decodeTable(encodeTable(table));
        expect(decoded).toEqual({ ok: true, value: table });
      }),
    );
  });

  test("what was encoded before it makes no difference", () => {
    fc.assert(
      fc.property(arbitraryTable, arbitraryTable, (before, table) => {
        const previous = encodeTable(before);
        expect(encodeTable(table, previous)).toEqual(encodeTable(table));
        expect(encodeTable(before, previous)).toEqual(previous);
      }),
    );
  });

  test("a pointer that went through JSON still decodes", () => {
    fc.assert(
      fc.property(arbitraryTable, (table) => {
        const { pointer, buckets } = encodeTable(table);
        const slotted = {
          ...pointer,
          buckets: pointer.buckets.map((bucket) => ({ ...bucket, slot: "B" })),
        };
        expect(decodeTable({ pointer: JSON.parse(JSON.stringify(slotted)), buckets }).ok).toBe(
          true,
        );
      }),
      { numRuns: 20 },
    );
  });

  test("equal tables give equal bytes and digests whatever the order of their keys", () => {
    fc.assert(
      fc.property(arbitraryTable, fc.boolean(), (table, reversed) => {
        const other = reordered(table, (keys) => (reversed ? keys.toReversed() : keys.toSorted()));
        expect(encodeTable(other)).toEqual(encodeTable(table));
      }),
    );
  });

  test("one changed route changes its own bucket, the pointer, and nothing else", () => {
    fc.assert(
      fc.property(withRoutes, fc.nat(), (table, pick) => {
        const names = Object.keys(table.routes);
        const name = names[pick % names.length] ?? "";
        const changed = structuredClone(table) as {
          routes: Record<string, { createdAt: number }>;
        } & RoutingTable;
        for (const [at, route] of Object.entries(changed.routes))
          if (at === name) route.createdAt += 1;
        const [before, after] = [encodeTable(table).pointer, encodeTable(changed).pointer];
        expect(changedBuckets(before, after)).toEqual([bucketOf("routes", name)]);
        expect(after.digest).not.toBe(before.digest);
      }),
    );
  });

  test("the group is part of the digest", () => {
    const table: RoutingTable = {
      schemaVersion: 1,
      group: { namespace: "a", routerClass: "default" },
      backends: {},
      routes: {},
      tenants: {},
      plans: {},
    };
    const other = { ...table, group: { namespace: "b", routerClass: "default" } };
    expect(encodeTable(other).pointer.digest).not.toBe(encodeTable(table).pointer.digest);
  });

  test("without an earlier pointer every bucket has changed", () => {
    const [table] = fc.sample(arbitraryTable, 1);
    if (table === undefined) throw new Error("fast-check gave no sample");
    const { pointer } = encodeTable(table);
    expect(changedBuckets(undefined, pointer)).toHaveLength(bucketCount);
    expect(changedBuckets(pointer, pointer)).toEqual([]);
  });

  test("an entry's bucket depends on kind and name alone and never moves", () => {
    // Slots are addressed by these numbers: another hash would need another schema version.
    expect(bucketOf("routes", "assistant")).toBe(22);
    expect(bucketOf("backends", "assistant")).toBe(6);
    const used = new Set(
      Array.from({ length: 500 }, (_, index) => bucketOf("routes", `route-${index}`)),
    );
    expect(used.size).toBe(bucketCount);
  });
});
