// Everything at once, for long: clients that ask, leave and come again, backends with every fault, tables
// that change, and requests that nobody should send. Afterwards nothing may be left over. For
// `npm run test:soak` there are a million of the latter; `npm test` has the reduced form.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords } from "../../../src/records/index.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import type { Ended } from "../../support/switchyard-process.ts";
import { counts, tell } from "./soak/counts.ts";
import { idleOf, leftOver, type LeftOver } from "./soak/left-over.ts";
import { trendOf, type Trend } from "./soak/memory-trend.ts";
import { runSoak, type Soaked } from "./soak/run-soak.ts";
import { SoakStage } from "./soak/stage.ts";

const longestMs = (counts.mostSeconds + 300) * 1_000;

/** Live objects may differ by what the last requests have not let go of yet. */
const heapMiB = 16;

let stage: SoakStage;
let soaked: Soaked;
let trend: Trend;
let left: LeftOver;
let heapAfterMiB: number;
let counted: { requests: number; dropped: number; hedges: number; faults: number };
let ended: Ended;
const records = new Map<string, number>();

beforeAll(async () => {
  stage = await SoakStage.open();
  const idle = await idleOf(stage);
  soaked = await runSoak(stage);
  trend = trendOf(soaked.memory, counts.growth);
  const faults = stage.faultsMet().size;
  // Connections that are kept for the next call end with those who are called.
  await stage.simulator.close();
  left = await leftOver(stage, idle);
  heapAfterMiB = await stage.inspector.heapMiB();
  counted = {
    requests: await stage.metric("switchyard_requests_total"),
    dropped: await stage.metric("switchyard_records_dropped_total"),
    hedges: await stage.metric("switchyard_hedges_total"),
    faults,
  };
  // One who stays connected and says nothing more must not keep it from ending.
  const silent = await RawConnection.open({ url: stage.url });
  stage.inspector.close();
  stage.process.signal("SIGTERM");
  ended = await stage.process.ended();
  silent.leave();
  for await (const { request_id: id } of readRecords(stage.recordFolder)) {
    records.set(id, (records.get(id) ?? 0) + 1);
  }
  const { seconds, edits, traffic, driven, heapHalfwayMiB } = soaked;
  tell({ seconds, edits, traffic: { kinds: traffic.kinds, statuses: traffic.statuses }, driven });
  tell({ trend, heapHalfwayMiB, heapAfterMiB, left, counted, records: records.size });
}, longestMs);

afterAll(async () => stage.close());

describe("traffic, faults and nonsense for long", () => {
  it("are what they are meant to be", () => {
    const { driven, traffic, edits } = soaked;
    expect(driven.sent).toBeGreaterThanOrEqual(counts.mutated);
    expect(Object.keys(driven.kinds)).toHaveLength(10);
    expect(Object.keys(traffic.kinds)).toHaveLength(7);
    expect(edits).toBeGreaterThan(5);
    expect(counted.hedges).toBeGreaterThan(0);
    expect(counted.faults).toBeGreaterThan(15);
  });

  it("get each client a proper answer, and most the one that they asked for", () => {
    const { wrong, statuses, ids } = soaked.traffic;
    expect(wrong).toEqual([]);
    expect(statuses["200"]).toBeGreaterThan(ids.length / 2);
  });

  it("get mutated requests refused, or answered where they still made sense, and blame nobody else", () => {
    const { statuses, sent } = soaked.driven;
    expect(Object.keys(statuses).filter((status) => !/^[24]/.test(status))).toEqual([]);
    expect(statuses["400"]).toBeGreaterThan(sent / 20);
  });

  it("leave a record for every request, once, and drop none", () => {
    expect(counted.dropped).toBe(0);
    expect([...records.values()].filter((count) => count !== 1)).toEqual([]);
    expect(soaked.traffic.ids.filter((id) => !records.has(id))).toEqual([]);
    expect(records.size).toBe(counted.requests);
  });

  it("leave no request under way, no socket open and no timer running", () => {
    expect(left).toEqual({ active: 0, sockets: 0, resources: {} });
  });

  it("leave memory as it was when it had warmed up", () => {
    expect(trend).toMatchObject({ isFlat: true });
    expect(heapAfterMiB - soaked.heapHalfwayMiB).toBeLessThan(heapMiB);
  });

  it("do not keep the process from ending by itself when it is told to, nor make it complain", () => {
    expect(ended.code).toBe(0);
    expect(ended.stderr.split("\n").filter((line) => /"level":"error"/.test(line))).toEqual([]);
  });
});
