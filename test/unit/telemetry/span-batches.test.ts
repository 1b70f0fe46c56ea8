import { diag, DiagLogLevel } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode, setGlobalErrorHandler } from "@opentelemetry/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  SpanBatches,
  type BatchLimits,
  type SpanBatch,
} from "../../../src/telemetry/span-batches.ts";
import { makeObservation, makeRecord } from "../../support/observations.ts";

const sampled = {
  ids: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" },
  parent: undefined,
  keptByOutcome: false,
};
/** Three spans: the request's, its choice's, its attempt's. */
const request = makeObservation();
const refused = makeObservation({
  record: makeRecord({ attempts: [] }),
  routing: null,
  attempts: [],
});

const complaints: string[] = [];
let batches: { batch: SpanBatch; done: (result: ExportResult) => void }[] = [];

function open(limits: Partial<BatchLimits> = {}): SpanBatches {
  const whole = {
    maxQueueSize: 100,
    maxExportBatchSize: 6,
    scheduledDelayMillis: 1_000,
    exportTimeoutMillis: 5_000,
    ...limits,
  };
  return new SpanBatches(whole, {
    export: (batch, done) => batches.push({ batch, done }),
    shutdown: async () => undefined,
  });
}

function add(spans: SpanBatches, times: number): void {
  for (let time = 0; time < times; time += 1) spans.add(request, sampled);
}

const counts = () => batches.map(({ batch }) => batch.count);
const succeed = async (index: number) => {
  batches[index]?.done({ code: ExportResultCode.SUCCESS });
  await vi.advanceTimersByTimeAsync(0);
};

beforeEach(() => {
  vi.useFakeTimers();
  batches = [];
  complaints.length = 0;
  const complain = (message: string) => complaints.push(message);
  const silent = () => undefined;
  diag.setLogger(
    { error: complain, warn: complain, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  setGlobalErrorHandler((fault) => complain(fault instanceof Error ? fault.message : "fault"));
});

afterEach(() => {
  diag.disable();
  vi.useRealTimers();
});

describe("the queue of spans", () => {
  it("sends what has waited long enough, together", async () => {
    const spans = open();
    add(spans, 1);
    spans.add(refused, sampled);
    await vi.advanceTimersByTimeAsync(999);
    expect(counts()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(counts()).toEqual([4]);
  });

  it("sends a batch as soon as the next request would not fit, one after the other", async () => {
    const spans = open();
    add(spans, 7);
    expect(counts()).toEqual([6]);
    await succeed(0);
    expect(counts()).toEqual([6, 6]);
    await succeed(1);
    await succeed(2);
    expect(counts()).toEqual([6, 6, 6]);
  });

  it("keeps what is added while a batch is under way, and sends it when its time comes", async () => {
    const spans = open();
    add(spans, 3);
    expect(counts()).toEqual([6]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(counts()).toEqual([6]);
    await succeed(0);
    expect(counts()).toEqual([6, 3]);
  });

  it("takes a request with more spans than a batch has room for", async () => {
    const spans = open({ maxExportBatchSize: 2 });
    add(spans, 2);
    expect(counts()).toEqual([3]);
  });

  it("drops what is beyond its bound, says how much, and takes more when there is room again", async () => {
    const spans = open({ maxQueueSize: 9 });
    // Six are under way, nine wait, six are dropped.
    add(spans, 7);
    expect(complaints).toEqual([]);
    await succeed(0);
    add(spans, 1);
    expect(complaints).toEqual(["Dropped 6 spans because maxQueueSize reached"]);
    await succeed(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(counts()).toEqual([6, 6, 6]);
  });

  it("goes on after a batch that failed, and after one that nobody answered", async () => {
    const spans = open({ exportTimeoutMillis: 500 });
    add(spans, 7);
    batches[0]?.done({ code: ExportResultCode.FAILED, error: new Error("refused") });
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(500);
    expect(counts()).toEqual([6, 6, 6]);
    expect(complaints).toEqual(["refused", "Timeout"]);
  });

  it("sends all that is left when it is shut down, and takes nothing more", async () => {
    const spans = open();
    add(spans, 6);
    const closed = spans.shutdown();
    expect(counts()).toEqual([6, 6, 6]);
    add(spans, 9);
    for (const index of counts().keys()) await succeed(index);
    await closed;
    expect(counts()).toEqual([6, 6, 6]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
