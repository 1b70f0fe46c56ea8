import { describe, expect, it } from "vitest";
import {
  parseS3Url,
  readRecords,
  type RequestRecord,
  s3Sink,
  type S3SinkOptions,
} from "../../../src/records/index.ts";
import { makeRecord } from "../../support/observations.ts";
import { hanging, MemoryObjectStore } from "../../support/records/memory-object-store.ts";

const quick: S3SinkOptions = { backoff: { baseMs: 1, ceilingMs: 2 } };

function open(options: S3SinkOptions = {}) {
  const store = new MemoryObjectStore();
  const reports: string[] = [];
  const report = (message: string) => void reports.push(message);
  const sink = s3Sink(store, { ...quick, report, ...options });
  const read = (): Promise<RequestRecord[]> => Array.fromAsync(readRecords(store));
  return { store, sink, reports, read, paths: () => [...store.objects.keys()] };
}

const numbered = (count: number, change: Partial<RequestRecord> = {}): RequestRecord[] =>
  Array.from({ length: count }, (_, index) => makeRecord({ request_id: `r${index}`, ...change }));

describe("objects of records", () => {
  it("are partitioned by date, namespace and route, and named by hour, writer and number", async () => {
    const { sink, paths } = open({ instance: "router-1" });
    sink.write(makeRecord({ ts: "2027-03-04T05:59:59.999Z", namespace: "shop", route: "a/b" }));
    sink.write(makeRecord({ ts: "2027-03-04T06:00:00.000Z", namespace: "shop", route: null }));
    await sink.close();
    expect(paths()).toEqual([
      "date=2027-03-04/namespace=shop/route=a%2Fb/05-router-1-000001.ndjson.gz",
      "date=2027-03-04/namespace=shop/route=__HIVE_DEFAULT_PARTITION__/06-router-1-000002.ndjson.gz",
    ]);
  });

  it("keep the order of their records over all that was compressed apart", async () => {
    const records = numbered(2_000);
    const { sink, read, paths } = open();
    for (const record of records) sink.write(record);
    await sink.close();
    expect(paths()).toHaveLength(1);
    expect(await read()).toEqual(records);
  });

  it("never have the name of another's, nor of an earlier one", async () => {
    const store = new MemoryObjectStore();
    const sinks = [1, 2, 3].map((number) => s3Sink(store, { instance: `router-${number}` }));
    for (const record of numbered(4)) {
      for (const sink of sinks) sink.write(record);
      await Promise.all(sinks.map((sink) => sink.flush()));
    }
    await Promise.all(sinks.map((sink) => sink.close()));
    expect(store.asked).toHaveLength(12);
    expect(store.objects.size).toBe(12);
  });

  it("are written when they are old enough, without being asked", async () => {
    const { sink, read } = open({ flushIntervalMs: 20 });
    sink.write(makeRecord());
    await expect.poll(read).toEqual([makeRecord()]);
    await sink.close();
  });

  it("are written when they are large enough", async () => {
    const { store, sink } = open({ flushBytes: 1_000 });
    const records = numbered(3_000);
    for (const [index, record] of records.entries()) {
      sink.write(record);
      // Compressing is another thread's: it gets on where the loop turns.
      if (index % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => store.objects.size).toBeGreaterThan(0);
    await sink.close();
  });

  it("are closed by the end of their hour, once its last requests have ended", async () => {
    let elapsed = 0;
    let now = Date.parse("2027-03-04T05:30:00Z");
    const { store, sink } = open({ clock: { now: () => now, elapsed: () => elapsed } });
    sink.write(makeRecord({ ts: "2027-03-04T05:30:00.000Z" }));
    now = Date.parse("2027-03-04T06:00:01Z");
    elapsed = 9_999;
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 1_500);
    await promise;
    expect(store.asked).toEqual([]);
    elapsed = 10_001;
    await expect.poll(() => store.objects.size, { timeout: 10_000 }).toBe(1);
    await sink.close();
  });
});

describe("a store in trouble", () => {
  it("is asked again for the same object, and nothing is lost or doubled", async () => {
    const { store, sink, reports, read } = open();
    let failures = 3;
    store.breakWith(async () => {
      failures -= 1;
      if (failures >= 0) throw new Error("503: slow down");
    });
    for (const record of numbered(5)) sink.write(record);
    await sink.close();
    expect(new Set(store.asked).size).toBe(1);
    expect(store.asked).toHaveLength(4);
    expect(await read()).toEqual(numbered(5));
    expect(sink.dropped()).toBe(0);
    expect(reports).toEqual([expect.stringContaining("503: slow down")]);
  });

  it("costs the records of an object that it refused as often as it may, and no others", async () => {
    const { store, sink, read } = open({ attempts: 3 });
    store.breakWith(() => Promise.reject(new Error("AccessDenied")));
    for (const record of numbered(5)) sink.write(record);
    await sink.flush();
    expect([store.asked.length, sink.dropped()]).toEqual([3, 5]);
    store.breakWith(undefined);
    sink.write(makeRecord({ request_id: "later" }));
    await sink.close();
    expect((await read()).map(({ request_id: id }) => id)).toEqual(["later"]);
    expect(sink.dropped()).toBe(5);
  });

  it("costs records once so many wait, and takes all again when it is back", async () => {
    const { store, sink, reports, read } = open({ maxWaitingBytes: 20_000, flushIntervalMs: 10 });
    const { promise: back, resolve: comeBack } = Promise.withResolvers<void>();
    store.breakWith(() => back);
    const line = JSON.stringify(makeRecord({ request_id: "r0" })).length;
    for (const record of numbered(100)) sink.write(record);
    const kept = 100 - sink.dropped();
    expect(kept * line).toBeLessThanOrEqual(20_000);
    expect(kept).toBeGreaterThan(2);
    expect(reports).toEqual(["s3://memory is too slow for the records"]);
    await expect.poll(() => store.asked.length).toBe(1);
    comeBack();
    await sink.flush();
    sink.write(makeRecord({ request_id: "later" }));
    await sink.close();
    expect(await read()).toHaveLength(kept + 1);
  });

  it("holds nobody up for longer than closing may take, and what is cut off is counted", async () => {
    const { store, sink, reports } = open({ drainMs: 50 });
    store.breakWith(hanging);
    for (const record of numbered(7)) sink.write(record);
    await sink.close();
    expect(sink.dropped()).toBe(7);
    expect(reports.at(-1)).toBe("Records were given up: cut off");
    sink.write(makeRecord());
    expect(sink.dropped()).toBe(8);
  });

  it("has no more than a few objects on their way at a time", async () => {
    const { store, sink } = open({ drainMs: 50 });
    store.breakWith(hanging);
    for (let route = 0; route < 20; route += 1) sink.write(makeRecord({ route: `route-${route}` }));
    await sink.flush();
    expect(store.asked).toHaveLength(4);
    await sink.close();
    expect(sink.dropped()).toBe(20);
  });
});

describe("the address of a bucket", () => {
  it.each([
    ["s3://records", { bucket: "records", prefix: "" }],
    ["s3://records/", { bucket: "records", prefix: "" }],
    ["s3://my.records/team/eu/", { bucket: "my.records", prefix: "team/eu/" }],
  ])("%s is taken", (text, expected) => {
    expect(parseS3Url(text)).toEqual({ ok: true, value: expected });
  });

  it.each(["s3:/records", "s3://", "s3://R", "https://records", "s3://records//x", "s3://a_b/c"])(
    "%s is refused with what to write",
    (text) => {
      expect(parseS3Url(text)).toMatchObject({ ok: false });
    },
  );
});
