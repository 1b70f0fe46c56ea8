// Records as a log agent may have kept them, with metrics for CloudWatch in them: whatever reads records reads these
// as it reads others.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type BrokenLine,
  duckdbEvidence,
  emptyTally,
  folderStore,
  plainEvidence,
  readRecordLines,
  readRecords,
  type RecordStore,
} from "../../../src/records/index.ts";
import { emfLine } from "../../../src/telemetry/index.ts";
import { makeRecord } from "../../support/observations.ts";

const records = [
  makeRecord({ request_id: "a" }),
  makeRecord({ request_id: "b", response_model: null, status: 502, error_type: "internal" }),
  makeRecord({ request_id: "c", arm: "shadow", prompt_id: "a" }),
];
const plainLines = records.map((record) => JSON.stringify(record));
const dressedLines = records.map((record) => emfLine(record, JSON.stringify(record)));
const range = {
  namespace: "shop",
  routerClass: "default",
  since: new Date("2027-03-04T00:00:00Z"),
  until: new Date("2027-03-05T00:00:00Z"),
};

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-emf-lines-"));
});

afterAll(() => rm(home, { recursive: true, force: true }));

async function storeOf(name: string, lines: readonly string[]): Promise<RecordStore> {
  const folder = join(home, name);
  const place = join(folder, "date=2027-03-04/namespace=shop/route=support-chat");
  await mkdir(place, { recursive: true });
  await writeFile(join(place, "05-router.ndjson"), lines.map((line) => `${line}\n`).join(""));
  return folderStore(folder);
}

type Read = (
  lines: readonly string[],
  name: string,
  onBroken: (line: BrokenLine) => void,
) => Promise<unknown>;

const readers: Record<string, Read> = {
  "of a folder": async (lines, name, onBroken) =>
    Array.fromAsync(readRecords(await storeOf(name, lines), { onBroken })),
  "of standard input": (lines, _name, onBroken) =>
    Array.fromAsync(
      readRecordLines(Readable.from(lines.map((line) => Buffer.from(`${line}\n`))), { onBroken }),
    ),
  "of evidence, plain": async (lines, name, onBroken) => {
    const tally = emptyTally();
    const source = plainEvidence(await storeOf(name, lines), { onBroken });
    return [await Array.fromAsync(source.evidence(range, tally)), tally];
  },
  "of evidence, DuckDB": async (lines, name, onBroken) => {
    const tally = emptyTally();
    const source = await duckdbEvidence(await storeOf(name, lines), { onBroken });
    return [await Array.fromAsync(source.evidence(range, tally)), tally];
  },
};

it.each(Object.entries(readers))("the reader %s takes them", async (name, read) => {
  const broken: BrokenLine[] = [];
  const onBroken = (line: BrokenLine) => void broken.push(line);
  expect(dressedLines).not.toEqual(plainLines);
  const dressed = await read(dressedLines, `${name}-dressed`, onBroken);
  expect(dressed).toEqual(await read(plainLines, `${name}-plain`, onBroken));
  expect([JSON.stringify(dressed).includes('"a"'), broken]).toEqual([true, []]);
});
