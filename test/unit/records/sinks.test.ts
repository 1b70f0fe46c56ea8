import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import {
  directorySink,
  type RecordSink,
  readRecords,
  type RequestRecord,
  requestRecordSchema,
  s3Sink,
  stdoutSink,
  teeSink,
} from "../../../src/records/index.ts";
import { makeRecord } from "../../support/observations.ts";
import { MemoryObjectStore } from "../../support/records/memory-object-store.ts";

interface Place {
  sink: RecordSink;
  /** What has arrived. */
  read: () => Promise<RequestRecord[]>;
}

const folders: string[] = [];

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-records-"));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

function collectingOutput() {
  let text = "";
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const read = () => {
    const lines = text.split("\n").slice(0, -1);
    return Promise.resolve(lines.map((line) => requestRecordSchema.parse(JSON.parse(line))));
  };
  return { output, read };
}

const places: Record<string, () => Promise<Place>> = {
  "the output sink": () => {
    const { output, read } = collectingOutput();
    return Promise.resolve({ sink: stdoutSink({ output }), read });
  },
  "the directory sink": async () => {
    const folder = await makeFolder();
    return { sink: directorySink(folder), read: () => Array.fromAsync(readRecords(folder)) };
  },
  "the S3 sink": () => {
    const store = new MemoryObjectStore();
    return Promise.resolve({
      sink: s3Sink(store),
      read: () => Array.fromAsync(readRecords(store)),
    });
  },
  "the tee sink": async () => {
    const folder = await makeFolder();
    const { output } = collectingOutput();
    const sink = teeSink(stdoutSink({ output }), directorySink(folder));
    return { sink, read: () => Array.fromAsync(readRecords(folder)) };
  },
};

describe.each(Object.entries(places))("%s", (_name, makePlace) => {
  it("keeps every record, in its order, once flushed", async () => {
    const { sink, read } = await makePlace();
    const records = Array.from({ length: 50 }, (_, index) =>
      makeRecord({ request_id: `r${index}` }),
    );
    for (const record of records.slice(0, 20)) sink.write(record);
    await sink.flush();
    for (const record of records.slice(20)) sink.write(record);
    await sink.flush();
    expect(await read()).toEqual(records);
    expect(sink.dropped()).toBe(0);
    await sink.close();
  });

  it("flushes what waits when it is closed", async () => {
    const { sink, read } = await makePlace();
    sink.write(makeRecord());
    await sink.close();
    expect(await read()).toEqual([makeRecord()]);
  });

  it("flushes and closes without records, and closes twice", async () => {
    const { sink, read } = await makePlace();
    await sink.flush();
    await sink.close();
    await sink.close();
    expect(await read()).toEqual([]);
  });

  it("drops and counts what comes after it was closed", async () => {
    const { sink, read } = await makePlace();
    await sink.close();
    sink.write(makeRecord());
    expect(sink.dropped()).toBeGreaterThan(0);
    expect(await read()).toEqual([]);
  });
});

describe("the output sink under pressure", () => {
  it("drops records rather than memory when its reader stalls, and says so once a minute", async () => {
    let elapsed = 0;
    const reports: string[] = [];
    const output = new Writable({ highWaterMark: 1, write() {} });
    const sink = stdoutSink({
      output,
      maxWaitingBytes: 5_000,
      report: (message, dropped) => reports.push(`${message}: ${dropped}`),
      clock: { now: () => elapsed, elapsed: () => elapsed },
    });
    for (let index = 0; index < 10; index += 1) sink.write(makeRecord());
    const dropped = sink.dropped();
    expect(dropped).toBeGreaterThan(3);
    expect(reports).toEqual(["The reader of the records is too slow: 1"]);
    elapsed = 60_000;
    sink.write(makeRecord());
    expect(reports[1]).toBe(`The reader of the records is too slow: ${dropped + 1}`);
    output.destroy();
    await sink.close();
  });

  it("survives a reader that went away", async () => {
    const output = new Writable({
      write(_chunk, _encoding, done) {
        done(new Error("EPIPE"));
      },
    });
    const sink = stdoutSink({ output });
    sink.write(makeRecord());
    await sink.flush();
    expect(sink.dropped()).toBe(1);
    sink.write(makeRecord());
    await sink.close();
    expect(sink.dropped()).toBe(2);
  });
});

describe("the tee sink's sinks", () => {
  it("get one serialisation of a record between them", () => {
    let serialised = 0;
    const record = makeRecord();
    Object.defineProperty(record, "toJSON", {
      value: () => {
        serialised += 1;
        return makeRecord();
      },
    });
    const outputs = [collectingOutput(), collectingOutput()];
    teeSink(...outputs.map(({ output }) => stdoutSink({ output }))).write(record);
    expect(serialised).toBe(1);
  });
});
