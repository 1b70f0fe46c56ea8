import { describe, expect, it } from "vitest";
import { pruneRecords, recordStreams, s3Sink } from "../../../src/records/index.ts";
import { makeLabel, makeRecord, makeSafetyRecord } from "../../support/observations.ts";
import { MemoryObjectStore } from "../../support/records/memory-object-store.ts";

const before = new Date("2027-03-04T06:00:00Z");

async function filled(): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore();
  const sink = s3Sink(store, { instance: "r" });
  for (const ts of [
    "2027-03-03T23:00:00.000Z",
    "2027-03-04T05:59:00.000Z",
    "2027-03-04T06:00:00.000Z",
  ]) {
    sink.write(makeRecord({ ts }));
    sink.write(makeLabel({ ts }));
  }
  sink.write(makeSafetyRecord({ ts: "2027-03-04T05:00:00.000Z" }));
  await sink.close();
  store.objects.set("date=2027-03-03/namespace=shop/notes.txt", Buffer.from("of somebody"));
  return store;
}

const namesOf = (paths: Iterable<string>) =>
  [...paths].map((path) => path.replace(/namespace=.*route=[^/]*\//, "").slice(0, 24)).toSorted();

describe("pruning", () => {
  it("removes the hours that had ended, of the streams named, and nothing else", async () => {
    const store = await filled();
    const removed: string[] = [];
    const wish = { before, streams: ["request", "safety"] as const, dryRun: false };
    await pruneRecords(store, wish, (path) => removed.push(path));
    expect(namesOf(removed)).toEqual([
      "date=2027-03-03/23-r-000",
      "date=2027-03-04/05-r-000",
      "safety/date=2027-03-04/0",
    ]);
    expect(namesOf(store.objects.keys())).toEqual([
      "date=2027-03-03/namespac",
      "date=2027-03-04/06-r-000",
      "labels/date=2027-03-03/2",
      "labels/date=2027-03-04/0",
      "labels/date=2027-03-04/0",
    ]);
  });

  it("only tells what it would remove where it is asked to", async () => {
    const store = await filled();
    const count = store.objects.size;
    const told: string[] = [];
    await pruneRecords(store, { before, streams: recordStreams, dryRun: true }, (path) =>
      told.push(path),
    );
    expect([told.length, store.objects.size]).toEqual([5, count]);
  });
});
