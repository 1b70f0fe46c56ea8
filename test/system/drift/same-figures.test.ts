import { mkdtemp, readdir, readFile, rm, truncate, writeFile, appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  clickhouseSource,
  duckdbRecordsSource,
  type HistogramSource,
  plainRecordsSource,
  type SourceScope,
} from "../../../src/drift/index.ts";
import {
  type BrokenLine,
  directorySink,
  folderStore,
  type RequestRecord,
} from "../../../src/records/index.ts";
import { arbitraryRecord } from "../../support/arbitrary-record.ts";
import { type ClickHouse, startClickHouse } from "../../support/drift/clickhouse.ts";
import { makeRecord } from "../../support/observations.ts";

let folder: string;
let clickhouse: ClickHouse;

beforeAll(async () => {
  clickhouse = await startClickHouse();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-same-figures-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => clickhouse.stop());

const day = Date.parse("2027-01-01T00:00:00Z");
const windows = [0, 12, 24, 36].map((hour) => ({
  from: day + hour * 3_600_000,
  to: day + (hour + 12) * 3_600_000,
}));
const never = new AbortController().signal;

const scopeOf = (records: readonly RequestRecord[]): SourceScope => ({
  namespace: "shop",
  routerClass: "default",
  routes: [...new Set(records.flatMap(({ route }) => route ?? []))].map((name) => ({
    name,
    baseline: null,
  })),
  tenantFloor: 1,
});

/** All figures, in an order of their own: numbers to twelve digits, since sums come in any order. */
async function figuresOf(source: HistogramSource): Promise<unknown> {
  const answers = [
    await source.distributions(windows, never),
    await source.shares(windows, never),
    await source.mixes(windows, never),
  ];
  await source.close();
  return answers.map((answer) => {
    if (!answer.ok) throw new Error(answer.error);
    const lines = answer.value.map((series) => JSON.stringify(series, inOrder));
    return lines.toSorted((left, right) => (left < right ? -1 : 1));
  });
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(12));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
}

async function keep(place: string, records: readonly RequestRecord[]): Promise<void> {
  const sink = directorySink(place);
  for (const record of records) sink.write(record);
  await sink.close();
}

/** Of exponents with three digits ClickHouse reads two: nobody pays or waits so little. */
const withoutTiny = (record: RequestRecord): RequestRecord =>
  JSON.parse(
    JSON.stringify(record, (_name, value: unknown) =>
      typeof value === "number" && value < 1e-90 ? 0 : value,
    ),
  ) as RequestRecord;

/** Names that no file system would like, amounts of any size, attempts of all kinds. */
const traffic = fc.array(
  arbitraryRecord.map((record) => ({
    ...record,
    namespace: "shop",
    class: "default",
    // No route is named by an empty text; null is no route.
    route: record.route === "" ? "nameless" : record.route,
  })),
  { minLength: 1, maxLength: 30 },
);

describe("the same records", () => {
  it("come to the same figures by DuckDB as line by line, whatever they hold", async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(traffic, async (records) => {
        const place = join(folder, String((runs += 1)));
        await keep(place, records);
        const options = { store: folderStore(place), scope: scopeOf(records) };
        const line = await figuresOf(plainRecordsSource(options));
        expect(await figuresOf(await duckdbRecordsSource({ ...options, folder }))).toEqual(line);
      }),
      { numRuns: 20 },
    );
  });

  it("come to the same figures in ClickHouse", async () => {
    const { url, run } = clickhouse;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(traffic, async (given) => {
        runs += 1;
        // A table keeps a line that comes twice once; here no two are of one request.
        const records = given.map(withoutTiny).map((record, index) => ({
          ...record,
          request_id: `${runs}-${index}`,
          class: `class-${runs}`,
        }));
        const place = join(folder, String(runs));
        await keep(place, records);
        const lines = records.map((record) => JSON.stringify(record)).join("\n");
        await run("INSERT INTO switchyard_records FORMAT JSONAsString", lines);
        const scope = { ...scopeOf(records), routerClass: `class-${runs}` };
        const line = await figuresOf(plainRecordsSource({ store: folderStore(place), scope }));
        const table = await clickhouseSource({ settings: { url }, scope });
        expect(await figuresOf(table)).toEqual(line);
      }),
      { numRuns: 10 },
    );
  });
});

describe.each([
  ["DuckDB", duckdbRecordsSource],
  [
    "line by line",
    async (options: Parameters<typeof plainRecordsSource>[0]) => plainRecordsSource(options),
  ],
] as const)("files that are damaged, read by %s,", (_name, open) => {
  it("cost what is damaged of them, and are told of", async () => {
    const records = Array.from({ length: 50 }, (_, index) =>
      makeRecord({ request_id: `r${index}`, ts: new Date(day + index * 1_000).toISOString() }),
    );
    await keep(folder, records);
    const [file = ""] = (await readdir(folder, { recursive: true })).filter((path) =>
      path.endsWith(".gz"),
    );
    const path = join(folder, file);
    const other = (name: string) => join(dirname(path), name);
    const lines = (count: number) =>
      records
        .slice(0, count)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join("");
    await writeFile(other("00-noise.ndjson"), `{"stream":"request"\nnoise\n[1]\n${lines(1)}`);
    await writeFile(other("00-cut.ndjson.gz"), gzipSync(lines(50)));
    await truncate(
      other("00-cut.ndjson.gz"),
      (await readFile(other("00-cut.ndjson.gz"))).length - 200,
    );
    await writeFile(other("00-garbage.ndjson.gz"), "this is no gzip");
    await appendFile(
      other("00-old.ndjson"),
      `${JSON.stringify({ ...records[0], schema_version: 9 })}\n`,
    );
    const told: BrokenLine[] = [];
    const source = await open({
      store: folderStore(folder),
      scope: scopeOf(records),
      onBroken: (broken) => told.push(broken),
    });
    const found = await source.shares(windows, never);
    await source.close();
    const errors = found.ok ? found.value.find(({ signal }) => signal === "error") : undefined;
    const counted = errors?.windows[0]?.["none"] ?? 0;
    expect(counted).toBeGreaterThanOrEqual(51);
    expect(counted).toBeLessThan(101);
    const names = new Set(told.map(({ file: name }) => name.slice(name.lastIndexOf("/") + 1)));
    expect([...names]).toEqual(expect.arrayContaining(["00-noise.ndjson", "00-garbage.ndjson.gz"]));
  });
});
