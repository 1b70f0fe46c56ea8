import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TableCopy } from "../../../src/cli/table-copy.ts";
import { encodeTable } from "../../../src/table/index.ts";
import { TableBench, tableOf } from "./table-bench.ts";

let folder: string;
let troubles: unknown[];
let copy: TableCopy;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-copy-"));
  troubles = [];
  copy = new TableCopy(folder, (error) => troubles.push(error));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const file = () => join(folder, "table.json.gz");
const table = (model: string) => encodeTable(tableOf({ chat: model }));
const plain = (model: string) => ({
  ...table(model),
  buckets: table(model).buckets.map((bucket) => Buffer.from(bucket)),
});

describe("the copy of a table on disk", () => {
  it("is what was kept, in a folder that need not be there yet", async () => {
    copy = new TableCopy(join(folder, "not", "yet"), (error) => troubles.push(error));
    expect(await copy.read()).toBeUndefined();
    copy.keep(table("one"));
    await copy.settled();
    expect(await copy.read()).toEqual(plain("one"));
    expect(troubles).toEqual([]);
  });

  it("is the last of many that come at once, and leaves no draft behind", async () => {
    for (let edit = 0; edit < 20; edit += 1) copy.keep(table(`edit-${edit}`));
    await copy.settled();
    expect(await copy.read()).toEqual(plain("edit-19"));
    expect(await readdir(folder)).toEqual(["table.json.gz"]);
  });

  it("that cannot be written is told of, and the next one is tried again", async () => {
    await mkdir(`${file()}.new`);
    copy.keep(table("one"));
    await copy.settled();
    expect(troubles).toHaveLength(1);
    expect(await copy.read()).toBeUndefined();
    await rm(`${file()}.new`, { recursive: true });
    copy.keep(table("two"));
    await copy.settled();
    expect(await copy.read()).toEqual(plain("two"));
  });
});

const pack = (value: unknown) => gzipSync(JSON.stringify(value));
const whole = { pointer: table("one").pointer, buckets: [] as unknown[] };
const base64 = table("one").buckets.map((bucket) => Buffer.from(bucket).toString("base64"));

describe("a copy that is spoiled", () => {
  it.each<[string, Uint8Array]>([
    ["nothing", Buffer.alloc(0)],
    ["no gzip", Buffer.from("table")],
    ["half of a gzip", pack(whole).subarray(0, 40)],
    ["no JSON", gzipSync("{")],
    ["null", pack(null)],
    ["a number", pack(7)],
    ["no pointer", pack({ buckets: [] })],
    ["an empty pointer", pack({ pointer: null, buckets: [] })],
    ["a pointer of a later version", pack({ pointer: { schemaVersion: 9 }, buckets: base64 })],
    ["no buckets", pack({ pointer: whole.pointer })],
    ["too few buckets", pack({ ...whole, buckets: base64.slice(1) })],
    ["buckets that are numbers", pack({ ...whole, buckets: base64.map(() => 7) })],
    ["buckets that are null", pack({ ...whole, buckets: base64.map(() => null) })],
    ["buckets in another order", pack({ ...whole, buckets: base64.toReversed() })],
  ])("with %s is as good as none: the router starts, and is not ready", async (_, bytes) => {
    const bench = await TableBench.open();
    try {
      await writeFile(join(bench.folder, "table.json.gz"), bytes);
      await bench.start();
      expect(bench.holder.current).toBeUndefined();
      expect(bench.told).toEqual([]);
      bench.publish({ chat: "one" });
      await expect.poll(() => bench.models()).toEqual(["one"]);
      expect(bench.holder.problems).toEqual([]);
    } finally {
      await bench.close();
    }
  });
});
