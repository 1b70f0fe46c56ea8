import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directorySink, folderStore } from "../../../src/records/index.ts";
import { makeRecord } from "../../support/observations.ts";
import { recordStoreContract } from "../../support/records/record-store-contract.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-records-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a folder of records", () => {
  recordStoreContract(async () => ({
    store: folderStore(folder),
    makeSink: (instance) => directorySink(folder, { instance }),
    put: async (path, bytes) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    },
  }));

  it("leaves no empty folders behind, and keeps those of others", async () => {
    const sink = directorySink(folder, { instance: "router-1" });
    sink.write(makeRecord());
    sink.write(makeRecord({ route: "billing" }));
    await sink.close();
    const [first = ""] = await Array.fromAsync(folderStore(folder).list("date="));
    await folderStore(folder).remove([first]);
    expect(await readdir(join(folder, "date=2027-03-04/namespace=shop"))).toEqual([
      "route=support-chat",
    ]);
  });
});
