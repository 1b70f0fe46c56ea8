import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import {
  type BrokenLine,
  type KeptRecord,
  readLabels,
  readRecords,
  readSafetyRecords,
  recordedDays,
  type RecordSink,
  type RecordStore,
} from "../../../src/records/index.ts";
import { makeLabel, makeRecord, makeSafetyRecord } from "../observations.ts";

/** A place for records that is empty, with what writes to it. */
export interface EmptyPlace {
  store: RecordStore;
  makeSink(instance: string): RecordSink;
  /** Puts a file there as somebody else would. */
  put(path: string, bytes: Buffer): Promise<void>;
}

/** What readers may count on wherever records are kept. */
export function recordStoreContract(makePlace: () => Promise<EmptyPlace>): void {
  const at = (ts: string, request_id: string, change: Partial<KeptRecord> = {}) =>
    makeRecord({ ts, request_id, ...(change as object) });

  async function keep(place: EmptyPlace, records: readonly KeptRecord[]): Promise<void> {
    const sink = place.makeSink("router-1");
    for (const record of records) sink.write(record);
    await sink.close();
    expect(sink.dropped()).toBe(0);
  }

  it("gives back each stream as it was written, apart", async () => {
    const place = await makePlace();
    await keep(place, [makeRecord(), makeSafetyRecord(), makeLabel()]);
    const broken: BrokenLine[] = [];
    const options = { onBroken: (line: BrokenLine) => void broken.push(line) };
    expect(await Array.fromAsync(readRecords(place.store, options))).toEqual([makeRecord()]);
    expect(await Array.fromAsync(readSafetyRecords(place.store, options))).toEqual([
      makeSafetyRecord(),
    ]);
    expect(await Array.fromAsync(readLabels(place.store, options))).toEqual([makeLabel()]);
    expect(broken).toEqual([]);
  });

  it("tells by range, namespace and route what is wanted, over days and writers", async () => {
    const place = await makePlace();
    const records = [
      at("2027-03-03T23:59:59.999Z", "before"),
      at("2027-03-04T00:00:00.000Z", "first"),
      at("2027-03-04T13:30:00.000Z", "other route", { route: "billing/eu" }),
      at("2027-03-04T13:30:00.000Z", "other namespace", { namespace: "shop-2" }),
      at("2027-03-05T06:59:59.999Z", "last"),
      at("2027-03-05T07:00:00.000Z", "after"),
    ];
    await Promise.all(
      records.map(async (record, index) => {
        const sink = place.makeSink(`router-${index}`);
        sink.write(record);
        await sink.close();
      }),
    );
    const since = new Date("2027-03-04T00:00:00Z");
    const until = new Date("2027-03-05T07:00:00Z");
    const ids = async (options: Parameters<typeof readRecords>[1]) =>
      (await Array.fromAsync(readRecords(place.store, options))).map(({ request_id: id }) => id);
    const ofShop = ["other route", "first", "last"];
    expect(await ids({ since, until, namespace: "shop" })).toEqual(ofShop);
    expect(await ids({ since, until, namespace: "shop", route: "billing/eu" })).toEqual([
      "other route",
    ]);
    expect(await ids({ since, until, namespace: "shop-2" })).toEqual(["other namespace"]);
    expect(await ids({ until: since })).toEqual(["before"]);
    expect(await ids({ since: until })).toEqual(["after"]);
    expect(await recordedDays(place.store)).toEqual({ first: "2027-03-03", last: "2027-03-05" });
  });

  it("holds nothing where nothing was written", async () => {
    const { store } = await makePlace();
    expect(await Array.fromAsync(readRecords(store))).toEqual([]);
    expect(await recordedDays(store)).toBeNull();
  });

  it("reads past what is no record, and names its file and line", async () => {
    const place = await makePlace();
    await keep(place, [makeRecord()]);
    const folder = "date=2027-03-04/namespace=shop/route=support-chat";
    const lines = ["{", JSON.stringify(makeRecord({ request_id: "whole" })), '{"stream":"x"}', ""];
    const whole = gzipSync(JSON.stringify(makeRecord({ request_id: "cut" })));
    await place.put(`${folder}/06-agent.ndjson`, Buffer.from(lines.join("\n")));
    await place.put(`${folder}/07-agent.ndjson.gz`, Buffer.from("no gzip"));
    await place.put(`${folder}/08-agent.ndjson.gz`, whole.subarray(0, whole.length - 12));
    await place.put(`${folder}/notes.txt`, Buffer.from("of somebody"));
    const broken: BrokenLine[] = [];
    const read = await Array.fromAsync(
      readRecords(place.store, { onBroken: (line) => void broken.push(line) }),
    );
    expect(read.map(({ request_id: id }) => id)).toEqual(["req-1", "whole"]);
    const { name } = place.store;
    expect(broken.map(({ file, line }) => [file, line])).toEqual([
      [`${name}/${folder}/06-agent.ndjson`, 1],
      [`${name}/${folder}/06-agent.ndjson`, 3],
      [`${name}/${folder}/07-agent.ndjson.gz`, null],
      [`${name}/${folder}/08-agent.ndjson.gz`, 1],
    ]);
  });

  it("lets readers leave early, and gives more files than are fetched at a time in their order", async () => {
    const place = await makePlace();
    const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
    await keep(
      place,
      hours.map((hour) => at(`2027-03-04T${hour}:00:00.000Z`, hour)),
    );
    const read = await Array.fromAsync(readRecords(place.store));
    expect(read.map(({ request_id: id }) => id)).toEqual(hours);
    for await (const { request_id: id } of readRecords(place.store)) {
      expect(id).toBe("00");
      break;
    }
  });

  it("removes what it is told to, also twice", async () => {
    const place = await makePlace();
    await keep(place, [makeRecord(), makeRecord({ ts: "2027-03-05T00:00:00.000Z" }), makeLabel()]);
    const paths = await Array.fromAsync(place.store.list("date=2027-03-04/"));
    expect(paths).toHaveLength(1);
    await place.store.remove(paths);
    await place.store.remove(paths);
    expect(await recordedDays(place.store)).toEqual({ first: "2027-03-05", last: "2027-03-05" });
    expect(await Array.fromAsync(readLabels(place.store))).toHaveLength(1);
  });
}
