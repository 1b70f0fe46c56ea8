import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BrokenLine,
  directorySink,
  labelRecordSchema,
  readLabels,
  readRecords,
  readSafetyRecords,
  safetyRecordSchema,
  type RequestRecord,
} from "../../../src/records/index.ts";
import { arbitraryRecord } from "../../support/arbitrary-record.ts";
import { makeLabel, makeRecord, makeSafetyRecord } from "../../support/observations.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-records-"));
});

afterEach(() => rm(folder, { recursive: true }));

const readAll = (options: Parameters<typeof readRecords>[1] = {}) =>
  Array.fromAsync(readRecords(folder, options));

const filesBelow = async (place: string) => {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
};

async function writeRecords(records: readonly RequestRecord[], instance = "router-1") {
  const sink = directorySink(folder, { instance });
  for (const record of records) sink.write(record);
  await sink.close();
}

const byText = (records: readonly RequestRecord[]) =>
  records.map((record) => JSON.stringify(record)).toSorted();

describe("a records directory", () => {
  it("gives back any records, wherever they were flushed", async () => {
    const steps = fc.array(fc.tuple(arbitraryRecord, fc.boolean()), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 5_000 }), async (written, flushBytes) => {
        const place = await mkdtemp(join(folder, "case-"));
        const sink = directorySink(place, { flushBytes });
        for (const [record, flushes] of written) {
          sink.write(record);
          if (flushes) await sink.flush();
        }
        await sink.close();
        const broken: BrokenLine[] = [];
        const read = await Array.fromAsync(
          readRecords(place, { onBroken: (line) => broken.push(line) }),
        );
        expect(broken).toEqual([]);
        expect(byText(read)).toEqual(byText(written.map(([record]) => record)));
      }),
      { numRuns: 60 },
    );
  });

  it("survives a cut at any byte with all whole lines before it", async () => {
    const records = Array.from({ length: 6 }, (_, index) =>
      makeRecord({ request_id: `r${index}` }),
    );
    const sink = directorySink(folder, { instance: "router-1", flushBytes: 1_500 });
    for (const record of records) sink.write(record);
    await sink.close();
    const [file = ""] = await filesBelow(folder);
    const { length } = await readFile(file);
    let last = records.length;
    for (let size = length - 1; size >= 0; size -= 1) {
      await truncate(file, size);
      const broken: BrokenLine[] = [];
      const read = await readAll({ onBroken: (line) => broken.push(line) });
      expect(read).toEqual(records.slice(0, read.length));
      expect(read.length).toBeLessThanOrEqual(last);
      expect(broken.length).toBeLessThanOrEqual(1);
      last = read.length;
    }
    expect(last).toBe(0);
  });

  it("lays files out by date, namespace, route and hour, as whole gzip members", async () => {
    await writeRecords([makeRecord()]);
    await writeRecords([makeRecord({ route: null })]);
    const files = (await filesBelow(folder)).map((file) => file.slice(folder.length + 1));
    expect(files.toSorted()).toEqual([
      "date=2027-03-04/namespace=shop/route=__HIVE_DEFAULT_PARTITION__/05-router-1.ndjson.gz",
      "date=2027-03-04/namespace=shop/route=support-chat/05-router-1.ndjson.gz",
    ]);
    const text = gunzipSync(await readFile(join(folder, files[0] ?? ""))).toString();
    expect(JSON.parse(text)).toHaveProperty("request_id", "req-1");
  });

  it.each(["../../../etc/passwd", "..", "/abs", "a\0b", "é".repeat(500), "CON", "a=b"])(
    "keeps a route named %j inside the folder",
    async (route) => {
      await writeRecords([makeRecord({ route, namespace: route })]);
      const files = await filesBelow(folder);
      expect(files).toHaveLength(1);
      expect(files[0]?.slice(folder.length + 1).split("/")).toHaveLength(4);
      expect(await readAll({ route, namespace: route })).toHaveLength(1);
    },
  );

  it("reads only what was asked for", async () => {
    const at = (ts: string, changes: Partial<RequestRecord> = {}) => makeRecord({ ts, ...changes });
    const records = [
      at("2027-03-04T05:00:00.000Z"),
      at("2027-03-04T05:59:59.999Z"),
      at("2027-03-04T06:00:00.000Z", { route: "wholesale" }),
      at("2027-03-05T00:00:00.000Z", { namespace: "bank" }),
    ];
    await writeRecords(records);
    const since = new Date("2027-03-04T05:59:59.999Z");
    const until = new Date("2027-03-05T00:00:00.000Z");
    expect(await readAll({ since })).toEqual(records.slice(1));
    expect(await readAll({ until })).toEqual(records.slice(0, 3));
    expect(await readAll({ since, until, route: "wholesale" })).toEqual([records[2]]);
    expect(await readAll({ namespace: "bank" })).toEqual([records[3]]);
  });

  it("reports broken lines and damaged files, and reads on", async () => {
    const good = makeRecord();
    await writeRecords([good]);
    const sink = directorySink(folder, { instance: "router-2" });
    sink.write({ ...good, status: "ok" } as unknown as RequestRecord);
    sink.write(good);
    await sink.close();
    const place = join(folder, "date=2027-03-04/namespace=shop/route=support-chat");
    await writeFile(join(place, "06-bad.ndjson.gz"), "this is no gzip");
    const broken: BrokenLine[] = [];
    expect(await readAll({ onBroken: (line) => broken.push(line) })).toEqual([good, good]);
    expect(broken.map(({ line, problem }) => ({ line, problem }))).toEqual([
      { line: 1, problem: expect.stringContaining("status") },
      { line: null, problem: expect.stringContaining("header") },
    ]);
  });

  it("keeps no line that is longer than any record, and reads on after it", async () => {
    const good = makeRecord();
    const long = JSON.stringify({ ...good, route: "x".repeat(3 * 1024 * 1024) });
    const place = join(folder, "date=2027-03-04/namespace=shop/route=support-chat");
    await mkdir(place, { recursive: true });
    const text = [good, good].map((record) => JSON.stringify(record)).join(`\n${long}\n`);
    await writeFile(join(place, "05-agent.ndjson"), `${text}\n${long}`);
    const broken: BrokenLine[] = [];
    expect(await readAll({ onBroken: (line) => broken.push(line) })).toEqual([good, good]);
    expect(broken.map(({ line, problem }) => [line, problem])).toEqual(
      [2, 4].map((line) => [line, "The line is longer than a record can be"]),
    );
  });

  it("takes no line for a record whose cost nothing could be reckoned with", async () => {
    const good = makeRecord();
    const place = join(folder, "date=2027-03-04/namespace=shop/route=support-chat");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "05-agent.ndjson"), JSON.stringify({ ...good, cost_usd: 1e301 }));
    const broken: BrokenLine[] = [];
    expect(await readAll({ onBroken: (line) => broken.push(line) })).toEqual([]);
    expect(broken.map(({ problem }) => problem)).toEqual([expect.stringContaining("cost_usd")]);
  });

  it("reads nothing from a folder that is not there", async () => {
    expect(await Array.fromAsync(readRecords(join(folder, "nowhere")))).toEqual([]);
  });
});

describe("the safety stream", () => {
  it("is kept apart, and neither reader takes the other's lines for broken ones", async () => {
    const [record, safety] = [makeRecord(), makeSafetyRecord()];
    const sink = directorySink(folder, { instance: "router-1" });
    sink.write(record);
    sink.write(safety);
    await sink.close();
    const files = (await filesBelow(folder)).map((file) => file.slice(folder.length + 1));
    expect(files.filter((file) => file.startsWith("safety/date="))).toHaveLength(1);
    // As a log agent may have kept what a router printed.
    const mixed = join(
      folder,
      files.find((file) => file.startsWith("date="))!,
    );
    await writeFile(mixed.replace(/\.gz$/, ""), `${JSON.stringify(safety)}\n`);
    const broken: BrokenLine[] = [];
    const options = { onBroken: (line: BrokenLine) => broken.push(line) };
    expect(await Array.fromAsync(readRecords(folder, options))).toEqual([record]);
    expect(await Array.fromAsync(readSafetyRecords(folder, options))).toEqual([safety]);
    expect(broken).toEqual([]);
  });

  it("has lines of its schema, which holds no place for a text", () => {
    expect(safetyRecordSchema.parse(makeSafetyRecord())).toEqual(makeSafetyRecord());
    const fields = Object.keys(safetyRecordSchema.shape.matches.element.shape);
    expect(fields).toEqual(["rule", "start", "end"]);
  });
});

describe("labels", () => {
  it("are kept apart by the route that they are of, and are read back as they were written", async () => {
    const labels = [
      makeLabel(),
      makeLabel({ source: "feedback", check: "client", route: null, backend: null, heads: null }),
      makeLabel({ score: 0, ts: "2027-03-05T00:00:00.000Z" }),
    ];
    const sink = directorySink(folder, { instance: "router-1" });
    sink.write(makeRecord());
    for (const label of labels) sink.write(label);
    await sink.close();
    const broken: BrokenLine[] = [];
    const options = { onBroken: (line: BrokenLine) => broken.push(line) };
    const read = await Array.fromAsync(readLabels(folder, options));
    expect(read).toHaveLength(3);
    expect(read).toEqual(expect.arrayContaining(labels));
    expect(await Array.fromAsync(readLabels(folder, { route: "support-chat" }))).toHaveLength(2);
    expect(await Array.fromAsync(readRecords(folder, options))).toEqual([makeRecord()]);
    expect(broken).toEqual([]);
  });

  it.each([
    { score: 1.01 },
    { score: -0.1 },
    { check: "guess" },
    { source: "control" },
    { cost_usd: -1 },
    { label_id: "x".repeat(513) },
    { heads: Array.from({ length: 65 }, () => 0) },
  ])("are none with %j", (change) => {
    expect(labelRecordSchema.safeParse({ ...makeLabel(), ...change }).success).toBe(false);
    expect(labelRecordSchema.parse(makeLabel())).toEqual(makeLabel());
  });

  it("have no place for what was asked, answered or commented", () => {
    expect(Object.keys(labelRecordSchema.shape)).toEqual(Object.keys(makeLabel()));
  });
});

describe("a directory sink on a failing disk", () => {
  it("counts what it loses, says so once, and writes again when the disk does", async () => {
    const reports: string[] = [];
    const blocked = join(folder, "date=2027-03-04");
    await writeFile(blocked, "a file where a folder should be");
    const sink = directorySink(folder, { report: (message) => reports.push(message) });
    for (let round = 0; round < 3; round += 1) {
      sink.write(makeRecord());
      await sink.flush();
    }
    expect(sink.dropped()).toBe(3);
    expect(reports).toEqual([expect.stringMatching(/^Writing records failed: /)]);
    await rm(blocked);
    await mkdir(blocked);
    sink.write(makeRecord());
    await sink.close();
    expect(sink.dropped()).toBe(3);
    expect(await readAll()).toHaveLength(1);
  });

  it("holds no more than its bound while the disk is slow", async () => {
    const sink = directorySink(folder, { maxWaitingBytes: 4_000 });
    for (let index = 0; index < 10; index += 1) sink.write(makeRecord());
    const kept = 10 - sink.dropped();
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(5);
    await sink.flush();
    sink.write(makeRecord());
    await sink.close();
    expect(await readAll()).toHaveLength(kept + 1);
  });
});
