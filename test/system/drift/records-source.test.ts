import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { duckdbRecordsSource, plainRecordsSource } from "../../../src/drift/index.ts";
import { directorySink, folderStore, type RecordStore } from "../../../src/records/index.ts";
import {
  describeHistogramSource,
  type SourceMaker,
} from "../../support/drift/histogram-source-contract.ts";
import { scope } from "../../support/drift/planted-traffic.ts";

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-records-source-"));
  folders.push(folder);
  return folder;
}

const brokenStore = (list: RecordStore["list"]): RecordStore => ({
  ...folderStore("/nowhere"),
  name: "s3://records",
  list,
});
const refusing = brokenStore(async function* () {
  yield* [];
  throw new Error("AccessDenied");
});
const hanging = brokenStore(async function* () {
  yield* [];
  await new Promise(() => {});
});

function maker(open: typeof duckdbRecordsSource): SourceMaker {
  let folder = "";
  return {
    open: async ({ records, labels }, ofScope) => {
      folder = await temporary();
      const sink = directorySink(folder);
      for (const record of [...records, ...labels]) sink.write(record);
      await sink.close();
      return open({ store: folderStore(folder), scope: ofScope });
    },
    reopen: (ofScope) => open({ store: folderStore(folder), scope: ofScope }),
    failing: {
      forbidden: () => open({ store: refusing, scope, boundMs: 500 }),
      silent: () => open({ store: hanging, scope, boundMs: 500 }),
    },
    waiting: () => open({ store: hanging, scope, boundMs: 60_000 }),
  };
}

describeHistogramSource("Records read by DuckDB", maker(duckdbRecordsSource));
describeHistogramSource(
  "Records read line by line",
  maker(async (options) => plainRecordsSource(options)),
);
