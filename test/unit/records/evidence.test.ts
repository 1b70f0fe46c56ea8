import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BrokenLine,
  directorySink,
  duckdbEvidence,
  emptyTally,
  type EvidenceRow,
  type EvidenceSource,
  type EvidenceTally,
  folderStore,
  type KeptRecord,
  type LabelRecord,
  plainEvidence,
  type RecordStore,
  type RequestRecord,
  TooManyLabels,
} from "../../../src/records/index.ts";
import { makeLabel, makeRecord } from "../../support/observations.ts";

let home: string;
let folders = 0;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-evidence-test-"));
});

afterEach(() => rm(home, { recursive: true, force: true }));

const range = {
  namespace: "shop",
  routerClass: "default",
  since: new Date("2027-03-04T00:00:00Z"),
  until: new Date("2027-03-05T00:00:00Z"),
};

/** A folder with the records. */
async function kept(records: readonly KeptRecord[]): Promise<RecordStore> {
  const folder = join(home, String((folders += 1)));
  const sink = directorySink(folder, { instance: "router-1" });
  for (const record of records) sink.write(record);
  await sink.close();
  return folderStore(folder);
}

interface Read {
  rows: EvidenceRow[];
  tally: EvidenceTally;
}

async function readFrom(source: EvidenceSource): Promise<Read> {
  const tally = emptyTally();
  const rows = await Array.fromAsync(source.evidence(range, tally));
  return {
    rows: rows.toSorted((left, right) => (left.requestId < right.requestId ? -1 : 1)),
    tally,
  };
}

const request = (request_id: string, change: Partial<RequestRecord> = {}) =>
  makeRecord({ request_id, ...change });

const label = (request_id: string, label_id: string, change: Partial<LabelRecord> = {}) =>
  makeLabel({
    request_id,
    label_id,
    prompt_id: request_id,
    tenant: "checkout",
    route: "support-chat",
    backend: "nova-lite",
    ...change,
  });

const engines: Record<
  string,
  (store: RecordStore, onBroken?: (line: BrokenLine) => void) => Promise<EvidenceSource>
> = {
  DuckDB: (store, onBroken) => duckdbEvidence(store, { folder: home, onBroken }),
  memory: async (store, onBroken) => plainEvidence(store, { onBroken }),
};

describe.each(Object.entries(engines))("evidence joined in %s", (_name, open) => {
  const read = async (records: readonly KeptRecord[]) => readFrom(await open(await kept(records)));

  it("tells of a shadow for which request it was made", async () => {
    const { rows } = await read([request("r1"), request("r2", { arm: "shadow", prompt_id: "r1" })]);
    expect(rows.map(({ requestId, promptId }) => [requestId, promptId])).toEqual([
      ["r1", "r1"],
      ["r2", "r1"],
    ]);
  });

  it("tells of each request what was believed, what it cost and how it was judged", async () => {
    const { rows, tally } = await read([
      request("r1"),
      label("r1", "l2", { score: 0.5, source: "shadow", backend: "claude", cost_usd: 0.25 }),
      label("r1", "l1", { score: 1, source: "feedback", backend: null, cost_usd: 0.5 }),
    ]);
    expect(rows).toEqual([
      {
        requestId: "r1",
        promptId: "r1",
        route: "support-chat",
        tenant: "checkout",
        ts: Date.parse("2027-03-04T05:06:07.890Z"),
        arm: null,
        options: [{ backend: "nova-lite", p: 0.9, expectedCostUsd: 0.00006, inEnvelope: true }],
        chosen: "nova-lite",
        costUsd: 0.000123,
        baselineCostUsd: 0.000456,
        tokens: 165,
        firstTokenMs: 105,
        latencyMs: 410,
        failed: false,
        classifierDigest: null,
        isFamiliar: true,
        planDigest: null,
        labels: [
          { backend: "nova-lite", score: 1, source: "feedback" },
          { backend: "claude", score: 0.5, source: "shadow" },
        ],
      },
    ]);
    expect(tally).toEqual({ ...emptyTally(), rows: 1, labels: 2 });
  });

  it("takes for an option what was only away for a moment, and not what a hard limit forbids", async () => {
    const [known] = makeRecord({}).estimates;
    if (known === undefined) throw new Error("The record has an estimate");
    const estimates = [null, "ejected", "full", "share", "residency"].map((dropped) => ({
      ...known,
      backend: dropped ?? "here",
      dropped,
    }));
    const { rows } = await read([request("r1", { estimates })]);
    expect(rows[0]?.options.map(({ backend }) => backend)).toEqual([
      "here",
      "ejected",
      "full",
      "share",
    ]);
  });

  it("keeps to the group and the range, and takes labels that came later", async () => {
    const { rows } = await read([
      request("early", { ts: "2027-03-03T23:59:59.999Z" }),
      request("first", { ts: "2027-03-04T00:00:00.000Z" }),
      request("late", { ts: "2027-03-05T00:00:00.000Z" }),
      request("other class", { class: "batch" }),
      request("other namespace", { namespace: "bank" }),
      request("no route", { route: null }),
      label("first", "l1", { ts: "2027-04-01T00:00:00.000Z" }),
    ]);
    expect(rows.map(({ requestId, labels }) => [requestId, labels.length])).toEqual([["first", 1]]);
  });

  it("counts a label once, as it was given last", async () => {
    const { rows, tally } = await read([
      request("r1"),
      label("r1", "l1", { score: 1, ts: "2027-03-04T06:00:00.000Z" }),
      label("r1", "l1", { score: 0, ts: "2027-03-04T07:00:00.000Z" }),
      label("r1", "l1", { score: 0.3, ts: "2027-03-04T06:30:00.000Z" }),
      label("r1", "l1", { score: 0, ts: "2027-03-04T07:00:00.000Z" }),
    ]);
    expect(rows[0]?.labels).toEqual([
      { backend: "nova-lite", score: 0, source: expect.any(String) as string },
    ]);
    expect(tally).toMatchObject({ labels: 4, duplicateLabels: 3 });
  });

  it("lets no tenant judge another's request, and counts who tried", async () => {
    const { rows, tally } = await read([
      request("r1"),
      request("unanswered", { ledger: [], status: 503 }),
      label("r1", "l1", { tenant: "umbra", score: 0 }),
      label("r1", "l2", { tenant: null, score: 0 }),
      label("r1", "l3", { route: "billing", score: 0 }),
      label("unanswered", "l4", { backend: null, source: "feedback" }),
      label("r1", "l5", { route: null, score: 1 }),
      label("nowhere", "l6"),
    ]);
    expect(rows.map(({ labels, failed }) => [labels.length, failed])).toEqual([
      [1, false],
      [0, true],
    ]);
    expect(tally).toMatchObject({ labels: 6, foreignLabels: 4, orphanLabels: 1 });
  });

  it("groups the answers of a golden prompt", async () => {
    const golden = { prompt_id: "golden:faq/7", source: "golden" as const };
    const { rows } = await read([
      request("r1", { arm: "golden" }),
      request("r2", { arm: "golden" }),
      label("r1", "l1", golden),
      label("r2", "l2", golden),
    ]);
    expect(rows.map(({ promptId, arm }) => [promptId, arm])).toEqual([
      ["golden:faq/7", "golden"],
      ["golden:faq/7", "golden"],
    ]);
  });

  it("reads past broken lines, counts them and names them", async () => {
    const store = await kept([request("r1")]);
    const folder = "date=2027-03-04/namespace=shop/route=support-chat";
    await mkdir(join(store.name, "labels", folder), { recursive: true });
    await writeFile(join(store.name, folder, "06-x.ndjson"), "{\n");
    await writeFile(join(store.name, "labels", folder, "06-x.ndjson"), '{"stream":"label"}\n');
    const broken: BrokenLine[] = [];
    const { rows, tally } = await readFrom(await open(store, (line) => void broken.push(line)));
    expect([rows.length, tally.broken]).toEqual([1, 2]);
    expect(broken.map(({ file, line }) => [file, line])).toEqual([
      [`${store.name}/labels/${folder}/06-x.ndjson`, 1],
      [`${store.name}/${folder}/06-x.ndjson`, 1],
    ]);
  });

  it("leaves nothing behind where its reader goes away early", async () => {
    const store = await kept([request("r1"), request("r2")]);
    const before = await readdir(home);
    for await (const row of (await open(store)).evidence(range)) {
      expect(row.requestId).toMatch(/^r/);
      break;
    }
    expect(await readdir(home)).toEqual(before);
  });
});

const few = (letters: string) => fc.constantFrom(...letters);

const anyRequest = fc
  .record({ request_id: few("abcdef"), tenant: fc.option(few("TU")), route: few("PQ") })
  .map((change) => makeRecord(change));

const anyLabel = fc
  .record({
    request_id: few("abcdefgh"),
    label_id: few("1234"),
    tenant: fc.option(few("TU")),
    route: fc.option(few("PQ")),
    backend: fc.option(few("XY")),
    score: fc.double({ min: 0, max: 1, noNaN: true }).map((score) => score + 0),
    hour: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ hour, ...change }) => makeLabel({ ...change, ts: `2027-03-04T1${hour}:00:00.000Z` }));

describe("both ways of joining", () => {
  it("give the same rows and counts of any records and labels", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyRequest, { maxLength: 6, selector: ({ request_id: id }) => id }),
        fc.array(anyLabel, { maxLength: 12 }),
        async (requests, labels) => {
          const store = await kept([...requests, ...labels]);
          const byDuckdb = await readFrom(await duckdbEvidence(store, { folder: home }));
          expect(byDuckdb).toEqual(await readFrom(plainEvidence(store)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("refuse in memory what would not fit there, and join it on disk", async () => {
    const store = await kept([request("r1"), ...[1, 2, 3].map((id) => label("r1", `l${id}`))]);
    await expect(readFrom(plainEvidence(store, { maxLabels: 2 }))).rejects.toThrow(TooManyLabels);
    const { tally } = await readFrom(await duckdbEvidence(store, { folder: home }));
    expect(tally.labels).toBe(3);
  });
});
