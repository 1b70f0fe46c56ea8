// `switchyard records` on folders and a bucket, as people run it.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  directorySink,
  folderStore,
  type KeptRecord,
  type RecordSink,
  recordedDays,
  s3Sink,
  s3Store,
} from "../../../src/records/index.ts";
import { makeLabel, makeRecord } from "../../support/observations.ts";
import {
  type ObjectStoreServer,
  startObjectStore,
} from "../../support/object-store/object-store-server.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

let home: string;
let server: ObjectStoreServer;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-records-command-"));
  server = await startObjectStore();
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

async function keep(sink: RecordSink): Promise<void> {
  const records: KeptRecord[] = [
    makeRecord({ request_id: "old", ts: daysAgo(40) }),
    makeRecord({ request_id: "young", ts: daysAgo(2) }),
    makeLabel({ request_id: "young", label_id: "l1", tenant: "checkout", ts: daysAgo(1) }),
  ];
  for (const record of records) sink.write(record);
  await sink.close();
}

async function records(words: readonly string[], environment: Record<string, string> = {}) {
  return new SwitchyardProcess(["records", ...words], environment).ended();
}

const inBucket = () => {
  const { bucket, region, endpoint } = server;
  return s3Store({ bucket, prefix: "kept/", region, endpoint });
};

describe("switchyard records", () => {
  it.each(["duckdb", "memory"])(
    "joins a folder's requests with their labels (%s)",
    async (engine) => {
      const folder = join(home, engine);
      await keep(directorySink(folder));
      const group = ["--namespace", "shop", "--engine", engine];
      const { code, stdout, stderr } = await records(["evidence", "--records", folder, ...group]);
      expect(code).toBe(0);
      expect(
        stdout
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as object),
      ).toEqual([
        expect.objectContaining({
          requestId: "young",
          labels: [{ backend: "nova-lite", score: 1, source: "golden" }],
        }),
      ]);
      expect(JSON.parse(stderr)).toMatchObject({ rows: 1, labels: 1, broken: 0 });
    },
  );

  it("removes from a folder what is older than it is told", async () => {
    const folder = join(home, "pruned");
    await keep(directorySink(folder));
    const tried = await records(["prune", "--older-than", "30d", "--records", folder, "--dry-run"]);
    expect(tried.stdout).toMatch(/^date=.*\nWould remove 1 file of before/);
    const done = await records(["prune", "--older-than", "30d", "--records", folder]);
    expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/^Removed 1 file of/)]);
    const days = await recordedDays(folderStore(folder));
    expect(days?.first).toBe(daysAgo(2).slice(0, 10));
  });

  it("reads a bucket, and deletes from it only where it is told to", async () => {
    await keep(s3Sink(await inBucket()));
    const place = ["--records", `s3://${server.bucket}/kept`];
    const read = await records(["evidence", "--namespace", "shop", ...place], server.environment);
    expect(JSON.parse(read.stderr)).toMatchObject({ rows: 1, labels: 1 });
    const old = ["prune", "--older-than", "30d", ...place];
    const refused = await records(old, server.environment);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("lifecycle rule")]);
    const done = await records([...old, "--objects"], server.environment);
    expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/^Removed 1 file of/)]);
    expect((await recordedDays(await inBucket()))?.first).toBe(daysAgo(2).slice(0, 10));
  });

  it("says in a sentence which store it cannot use, and why", async () => {
    const words = ["evidence", "--records", "s3://no-such-bucket/kept"];
    const { code, stdout, stderr } = await records(words, server.environment);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^switchyard: s3:\/\/no-such-bucket\/kept cannot be used: NoSuchBucket/);
    expect(stderr).not.toContain("    at ");
  });

  it("ends without a word when its reader has seen enough", async () => {
    const folder = join(home, "many");
    const sink = directorySink(folder);
    for (let id = 0; id < 1_000; id += 1)
      sink.write(makeRecord({ request_id: `r${id}`, ts: daysAgo(1) }));
    await sink.close();
    const command = `"${process.execPath}" src/cli/main.ts records evidence --namespace shop --engine memory --records "${folder}" | head -n 1`;
    const { stdout, stderr } = spawnSync("sh", ["-c", command], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(JSON.parse(stdout)).toMatchObject({ requestId: expect.stringMatching(/^r/) });
    expect(stderr).toBe("");
  });

  it.each([
    { words: [], says: "Name one action of evidence, prune" },
    { words: ["burn"], says: "Name one action" },
    { words: ["prune", "--records", "."], says: "--older-than 30d" },
    { words: ["prune", "--older-than", "90m", "--records", "."], says: "at least 2h" },
    {
      words: ["prune", "--older-than", "9d", "--streams", "x", "--records", "."],
      says: "--streams",
    },
    { words: ["evidence", "--engine", "x", "--records", "."], says: "--engine must be" },
    { words: ["evidence", "--records", "nowhere"], says: "nowhere does not exist" },
    { words: ["evidence", "--records", "s3://"], says: "write s3://BUCKET" },
  ])("refuses $words with what to write", async ({ words, says }) => {
    const { code, stderr } = await records(words);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
  });
});
