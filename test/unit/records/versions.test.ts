import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BrokenLine,
  folderStore,
  labelRecordSchema,
  readLabels,
  readRecords,
  readSafetyRecords,
  requestRecordSchema,
  safetyRecordSchema,
} from "../../../src/records/index.ts";
import { makeLabel, makeRecord, makeSafetyRecord } from "../../support/observations.ts";

// Lines as routers of each version wrote them. They are added to and never changed: they lie in people's buckets.
const samples = "test/fixtures/records";

const streams = {
  request: { top: "", read: readRecords, schema: requestRecordSchema, make: makeRecord },
  safety: {
    top: "safety/",
    read: readSafetyRecords,
    schema: safetyRecordSchema,
    make: makeSafetyRecord,
  },
  label: { top: "labels/", read: readLabels, schema: labelRecordSchema, make: makeLabel },
} as const;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-versions-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The lines as their stream's reader gives them. */
async function readLines(stream: keyof typeof streams, text: string) {
  const { top, read } = streams[stream];
  const place = join(folder, `${top}date=2027-03-04/namespace=shop/route=any`);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, "05-sample.ndjson"), text);
  const broken: BrokenLine[] = [];
  const options = { onBroken: (line: BrokenLine) => void broken.push(line) };
  return { read: await Array.fromAsync<object>(read(folderStore(folder), options)), broken };
}

describe.each(Object.keys(streams) as (keyof typeof streams)[])(
  "lines of the stream %s",
  (stream) => {
    it("are read, of every version that was ever written", async () => {
      const files = (await readdir(samples)).filter((file) => file.startsWith(`${stream}-`));
      const current = streams[stream].schema.shape.schema_version.value;
      expect(files).toContain(`${stream}-${current}.ndjson`);
      for (const file of files) {
        const text = await readFile(join(samples, file), "utf8");
        const { read, broken } = await readLines(stream, text);
        expect(broken).toEqual([]);
        expect(read).toHaveLength(text.trimEnd().split("\n").length);
        for (const record of read) expect(streams[stream].schema.parse(record)).toEqual(record);
      }
    });

    it("keep what is known of them where a later release has added keys", async () => {
      const record = streams[stream].make();
      const later = JSON.stringify({ ...record, added_tomorrow: { deep: [1] } });
      const { read, broken } = await readLines(stream, later);
      expect([read, broken]).toEqual([[record], []]);
    });

    it("are read without the keys that may be null, as an earlier release may have left them out", async () => {
      const record: Record<string, unknown> = streams[stream].make();
      const known = Object.fromEntries(
        Object.entries(record).filter(([, value]) => value !== null),
      );
      const { read, broken } = await readLines(stream, JSON.stringify(known));
      expect([read, broken]).toEqual([[record], []]);
    });

    it("are no records without what was always told", async () => {
      const { ts: _ts, ...rest } = streams[stream].make();
      const { read, broken } = await readLines(stream, JSON.stringify(rest));
      expect([read, broken.map(({ problem }) => problem)]).toEqual([
        [],
        [expect.stringContaining("ts")],
      ]);
    });
  },
);
