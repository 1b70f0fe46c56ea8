import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeTable,
  encodeTable,
  type EncodedTable,
  type KnownBuckets,
  type RoutingTable,
} from "../../../src/table/index.ts";
import { arbitraryTable } from "./arbitrary-table.ts";

const text = (value: unknown) => JSON.stringify(value);

/** The table with some of its routes and their plans left out: most buckets stay as they were. */
function withoutSome(table: RoutingTable, every: number): RoutingTable {
  const kept = Object.entries(table.routes).filter((_, index) => index % every !== 0);
  const routes = Object.fromEntries(kept);
  const plans = Object.entries(table.plans).filter(([, { route }]) => Object.hasOwn(routes, route));
  return { ...table, routes, plans: Object.fromEntries(plans) };
}

const arbitraryHistory = fc
  .tuple(arbitraryTable, arbitraryTable, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }))
  .map(([first, second, edits]) => [
    first,
    ...edits.map((every) => withoutSome(first, every)),
    first,
    second,
    first,
  ]);

/** As a router fetches it: what it knows already it does not ask for. */
const withoutKnown = ({ pointer, buckets }: EncodedTable, known: KnownBuckets) => ({
  pointer,
  buckets: buckets.map((bytes, index) =>
    known.has(pointer.buckets[index]?.digest ?? "") ? undefined : bytes,
  ),
});

test("with buckets that were decoded before, every table is as it would be without", () => {
  fc.assert(
    fc.property(arbitraryHistory, (tables) => {
      const known: KnownBuckets = new Map();
      for (const table of tables) {
        const encoded = encodeTable(table);
        const fresh = decodeTable(encoded);
        expect(text(decodeTable(withoutKnown(encoded, known), known))).toBe(text(fresh));
        expect(known.size).toBe(new Set(encoded.pointer.buckets.map(({ digest }) => digest)).size);
      }
    }),
    { numRuns: 50 },
  );
});

test("a table that is refused leaves what is known as it was", () => {
  fc.assert(
    fc.property(arbitraryTable, arbitraryTable, fc.nat(), (before, after, at) => {
      const known: KnownBuckets = new Map();
      decodeTable(encodeTable(before), known);
      const kept = new Map(known);
      const encoded = encodeTable(after);
      const index = at % encoded.buckets.length;
      fc.pre(!known.has(encoded.pointer.buckets[index]?.digest ?? ""));
      const buckets = encoded.buckets.with(index, new Uint8Array([1]));
      const refused = decodeTable({ ...encoded, buckets }, known);
      expect(refused).toMatchObject({
        ok: false,
        error: { code: "DigestMismatch", bucket: index },
      });
      expect(known).toEqual(kept);
      expect(text(decodeTable(encodeTable(before), known))).toBe(
        text(decodeTable(encodeTable(before))),
      );
    }),
    { numRuns: 50 },
  );
});

test("a bucket that is not known is missed, whatever else is", () => {
  const encoded = encodeTable(fc.sample(arbitraryTable, { numRuns: 1, seed: 4 })[0]!);
  const known: KnownBuckets = new Map();
  decodeTable(encoded, known);
  const [first] = known.keys();
  known.delete(first ?? "");
  const decoded = decodeTable(withoutBytes(encoded), known);
  expect(decoded).toMatchObject({ ok: false, error: { code: "DigestMismatch" } });
});

const withoutBytes = ({ pointer, buckets }: EncodedTable) => ({
  pointer,
  buckets: buckets.map(() => undefined),
});
