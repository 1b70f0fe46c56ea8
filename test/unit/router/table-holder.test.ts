import { describe, expect, it, vi } from "vitest";
import { TableHolder } from "../../../src/router/index.ts";
import { encodeTable, type EncodedTable, type RoutingTable } from "../../../src/table/index.ts";
import { backendEntry, byName, routeEntry, standingClock } from "../routing/sample-entries.ts";

function tableOf(model: string): RoutingTable {
  const backend = backendEntry("nova");
  return {
    schemaVersion: 1,
    group: { namespace: "shop", routerClass: "default" },
    backends: byName([backend]),
    routes: { chat: routeEntry([backend], { models: [model] }) },
    tenants: {},
    plans: {},
  };
}

function makeHolder() {
  const telemetry = { tableLoaded: vi.fn(), tableConfirmed: vi.fn(), tableRefused: vi.fn() };
  const onLoad = vi.fn();
  const clock = standingClock();
  return { holder: new TableHolder(clock, telemetry, onLoad), telemetry, onLoad, clock };
}

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** Changes the bytes of the bucket that holds the route, and of nothing else. */
function withBytes(encoded: EncodedTable, change: (json: string) => string): EncodedTable {
  const buckets = encoded.buckets.map((bytes) =>
    text(bytes).includes('"chat"') ? new TextEncoder().encode(change(text(bytes))) : bytes,
  );
  return { ...encoded, buckets };
}

describe("the holder of the table", () => {
  it("has none before the first", () => {
    const { holder } = makeHolder();
    expect(holder.current).toBeUndefined();
    expect(holder.problems).toEqual([]);
  });

  it("adopts a table that verifies, and says so once", () => {
    const { holder, telemetry, onLoad } = makeHolder();
    const encoded = encodeTable(tableOf("one"));
    expect(holder.load(encoded).ok).toBe(true);
    expect(holder.load(encoded).ok).toBe(true);
    expect(holder.current?.digest).toBe(encoded.pointer.digest);
    expect(holder.current?.routes.byModel.has("one")).toBe(true);
    expect(telemetry.tableLoaded).toHaveBeenCalledOnce();
    expect(telemetry.tableLoaded).toHaveBeenCalledWith({
      digest: encoded.pointer.digest,
      loadedAt: 1_000,
      routes: 1,
      backends: 1,
      tenants: 0,
      propagationMs: null,
    });
    expect(onLoad).toHaveBeenCalledExactlyOnceWith(holder.current);
  });

  it.each([
    ["of a table that was published while it served one", 1_400, 100],
    ["as no time by a publisher's clock that is ahead", 1_700, 0],
    ["not of one that was published before it had any", 900, null],
    ["not where nobody says when", undefined, null],
  ])("tells how long a table was on its way, %s", (_, publishedAt, expected) => {
    const { holder, telemetry, clock } = makeHolder();
    holder.load({ ...encodeTable(tableOf("one")), publishedAt: 950 });
    clock.advance(500);
    holder.load({ ...encodeTable(tableOf("two")), publishedAt });
    const told = telemetry.tableLoaded.mock.calls.map(([table]) => table.propagationMs);
    expect(told).toEqual([null, expected]);
  });

  it("loads in slices what it loads in one go, one table after the other", async () => {
    const { holder } = makeHolder();
    const [one, two] = [encodeTable(tableOf("one")), encodeTable(tableOf("two"))];
    const loaded = [holder.loadInSlices(one), holder.loadInSlices(two)];
    expect(holder.current).toBeUndefined();
    await loaded[0];
    expect(holder.current?.digest).toBe(one.pointer.digest);
    await loaded[1];
    expect(holder.current?.digest).toBe(two.pointer.digest);
    expect(holder.current?.routes.all.map(({ models }) => models)).toEqual([["two"]]);
    const refused = await holder.loadInSlices(withBytes(one, (json) => json.slice(1)));
    expect(refused.ok).toBe(false);
    expect(holder.current?.digest).toBe(two.pointer.digest);
  });

  it("swaps the snapshot whole and leaves the old one to those who hold it", () => {
    const { holder } = makeHolder();
    holder.load(encodeTable(tableOf("one")));
    const before = holder.current;
    holder.load(encodeTable(tableOf("two")));
    expect(holder.current?.routes.byModel.has("two")).toBe(true);
    expect(before?.routes.byModel.has("one")).toBe(true);
    expect(before?.routes.byModel.has("two")).toBe(false);
  });

  it.each<[string, (encoded: EncodedTable) => EncodedTable, string]>([
    [
      "bytes that are not those of its digest",
      (encoded) => withBytes(encoded, (json) => json.replace("two", "2wo")),
      "DigestMismatch",
    ],
    [
      "a bucket that is cut",
      (encoded) => withBytes(encoded, (json) => json.slice(0, -1)),
      "DigestMismatch",
    ],
    ["a missing bucket", (encoded) => ({ ...encoded, buckets: encoded.buckets.slice(1) }), ""],
    [
      "a digest of the pointer that is not its own",
      (encoded) => ({ ...encoded, pointer: { ...encoded.pointer, digest: "0".repeat(64) } }),
      "PointerInvalid",
    ],
    [
      "a version of the future",
      (encoded) => ({ ...encoded, pointer: { ...encoded.pointer, schemaVersion: 99 } }),
      "SchemaVersion",
    ],
  ])("refuses %s and keeps the old table", (_what, spoil, code) => {
    const { holder, telemetry, onLoad } = makeHolder();
    holder.load(encodeTable(tableOf("one")));
    const before = holder.current;
    const refused = holder.load(spoil(encodeTable(tableOf("two"))));
    expect(refused.ok).toBe(false);
    expect(holder.current).toBe(before);
    expect(holder.problems).toHaveLength(1);
    expect(onLoad).toHaveBeenCalledOnce();
    expect(telemetry.tableRefused).toHaveBeenCalledOnce();
    if (code !== "") expect(telemetry.tableRefused).toHaveBeenCalledWith(code);
  });

  it("forgets a refusal when a sound table comes, also the one that it has", () => {
    const { holder } = makeHolder();
    const sound = encodeTable(tableOf("one"));
    const spoiled = withBytes(encodeTable(tableOf("two")), (json) => `${json} `);
    holder.load(sound);
    holder.load(spoiled);
    expect(holder.problems).toHaveLength(1);
    holder.load(sound);
    expect(holder.problems).toEqual([]);
  });

  it("tells the problems of the source beside its own", () => {
    const { holder } = makeHolder();
    holder.setProblems(["routes.yaml:3: A problem"]);
    holder.load(withBytes(encodeTable(tableOf("two")), (json) => `${json} `));
    expect(holder.problems).toHaveLength(2);
    expect(holder.problems[0]).toBe("routes.yaml:3: A problem");
    expect(holder.current).toBeUndefined();
  });
});
