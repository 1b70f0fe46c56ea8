// Traffic whose figures anybody can add up: the same every five minutes, over six windows of six hours.
import type { SourceScope, Window } from "../../../src/drift/index.ts";
import type { AttemptRecord, LabelRecord, RequestRecord } from "../../../src/records/index.ts";
import { makeAttemptRecord, makeLabel, makeRecord } from "../observations.ts";

export interface PlantedTraffic {
  windows: readonly Window[];
  /** By their time. */
  records: readonly RequestRecord[];
  labels: readonly LabelRecord[];
}

const hour = 3_600_000;
export const step = 300_000;
const stepsPerWindow = 72;

/** Of which there is nothing, neither traffic nor labels. */
export const missingWindow = 2;
/** In which answers take twice the time. */
export const slowWindow = 5;
/** In which nobody falls back, so that nothing is known of the second backend. */
export const calmWindow = 0;

export const scope: SourceScope = {
  namespace: "shop",
  routerClass: "default",
  routes: [
    { name: "chat", baseline: "pro" },
    { name: "never-called", baseline: null },
  ],
  tenantFloor: 200,
};

/** @param end of the newest window, a whole hour: milliseconds since the epoch */
export function plantTraffic(end: number): PlantedTraffic {
  const windows = Array.from({ length: 6 }, (_, index) => ({
    from: end - (6 - index) * 6 * hour,
    to: end - (5 - index) * 6 * hour,
  }));
  const records: RequestRecord[] = [];
  const labels: LabelRecord[] = [];
  for (const [index, { from }] of windows.entries()) {
    if (index === missingWindow) continue;
    for (let at = 0; at < stepsPerWindow; at += 1) {
      const requests = requestsOfStep(index, at);
      for (const [place, change] of requests.entries())
        records.push(identified(change, from + at * step + 1_000 * place + 1, place));
      if (at % 12 === 6) plantLabels(from + at * step, records, labels);
    }
  }
  return { windows, records: records.toSorted(byTime), labels: labels.toSorted(byTime) };
}

const byTime = (left: { ts: string }, right: { ts: string }) => (left.ts < right.ts ? -1 : 1);

type Change = Partial<RequestRecord>;

function identified(change: Change, ts: number, place: number): RequestRecord {
  return makeRecord({
    request_id: `req-${ts}-${place}`,
    ts: new Date(ts).toISOString(),
    namespace: "shop",
    route: "chat",
    tenant: "big",
    response_model: "model-lite",
    confidence: 0.9,
    confidence_source: "classifier",
    ...change,
  });
}

function requestsOfStep(window: number, at: number): Change[] {
  const pace = window === slowWindow ? 2 : 1;
  const every = (steps: number, change: Change) => (at % steps === 0 ? [change] : []);
  return [
    ...[300, 300, 300, 700].map((ms) => answered(ms * pace)),
    { ...answered(300 * pace), tenant: null },
    ...every(3, { ...answered(300 * pace), tenant: "small" }),
    ...every(6, { ...answered(300 * pace), finish_reason: "content_filter" }),
    ...every(12, hedged(700 * pace)),
    ...(window === calmWindow ? [] : [...every(2, throttled), ...every(6, timedOut)]),
    ...strangers,
  ];
}

const answer = (ms: number): Partial<AttemptRecord> => ({
  backend: "lite",
  ms,
  ttft_ms: 120,
  tokens: { in: 60, out: 40, cache_read: 30, cache_write: 10, cache_write_1h: 0, reasoning: 0 },
  cost_usd: 0.001,
});

const answered = (ms: number): Change => ({
  attempts: [makeAttemptRecord(answer(ms))],
  ledger: makeRecord().ledger.map((line) => ({ ...line, backend: "lite" })),
});

const failure: Partial<AttemptRecord> = {
  backend: "lite",
  ttft_ms: null,
  frames: 0,
  tokens: null,
  token_source: "none",
  cost_usd: null,
};

/** Left the first backend, and was answered by the second. */
const fallenBack = (reason: string, first: Partial<AttemptRecord>): Change => ({
  fallback_reason: reason,
  response_model: "model-pro",
  attempts: [
    makeAttemptRecord({ ...failure, ...first }),
    makeAttemptRecord({
      backend: "pro",
      kind: "fallback",
      ms: 1_500,
      ttft_ms: 500,
      tokens: {
        in: 3_000,
        out: 200,
        cache_read: 0,
        cache_write: 0,
        cache_write_1h: 0,
        reasoning: 0,
      },
      cost_usd: 0.02,
    }),
  ],
});

const throttled = fallenBack("RateLimited", { error_type: "throttled", ms: 20, status: 429 });
const timedOut = fallenBack("Timeout", { error_type: "timeout", ms: 2_200, status: null });

/** The hedge lost: it says nothing of its backend. */
const hedged = (ms: number): Change => ({
  attempts: [
    makeAttemptRecord(answer(ms)),
    makeAttemptRecord({
      ...failure,
      backend: "pro",
      kind: "hedge",
      ms: 90,
      status: null,
      error_type: "superseded",
    }),
  ],
});

/** What is no traffic of the group's routes, all of it much slower. */
const slow = answered(9_000);
const strangers: readonly Change[] = [
  { ...slow, arm: "golden", tenant: null },
  { ...slow, arm: "shadow", attempts: [makeAttemptRecord({ ...answer(9_000), kind: "shadow" })] },
  { ...slow, arm: "judge", attempts: [makeAttemptRecord({ ...answer(9_000), kind: "judge" })] },
  { ...slow, namespace: "elsewhere" },
  { ...slow, class: "another" },
  { ...slow, route: "unasked" },
];

/** Ten prompts of a golden set that both backends answered, and what a client said of the hour's first request. */
function plantLabels(at: number, records: RequestRecord[], labels: LabelRecord[]): void {
  const place = { namespace: "shop", route: "chat", tenant: null };
  const arrived = new Date(at + 500).toISOString();
  const judged = new Date(at + 60_000).toISOString();
  const attempts = [makeAttemptRecord(answer(9_000))];
  for (let prompt = 0; prompt < 10; prompt += 1) {
    for (const backend of ["lite", "pro"]) {
      const request_id = `golden-${at}-${prompt}-${backend}`;
      records.push(makeRecord({ ...place, request_id, ts: arrived, arm: "golden", attempts }));
      const label = makeLabel({
        ...place,
        request_id,
        label_id: request_id,
        prompt_id: `golden:set/${prompt}`,
        backend,
        source: "golden",
        ts: judged,
        score: backend === "lite" && prompt === 9 ? 0 : 1,
      });
      labels.push({ ...label, ts: arrived, score: 0.5 }, label);
    }
  }
  const request_id = `req-${at + 1}-0`;
  labels.push(
    makeLabel({
      namespace: "shop",
      tenant: "big",
      request_id,
      label_id: `${request_id}/client`,
      prompt_id: request_id,
      ts: judged,
      route: null,
      backend: null,
      source: "feedback",
      score: 0,
    }),
  );
}
