// A month of a route's traffic, of which the last days are worse: slower, and with more wrong answers.
import type { LabelRecord, RequestRecord } from "../../../src/records/index.ts";
import { makeAttemptRecord, makeLabel, makeRecord } from "../observations.ts";
import type { PlantedTraffic } from "./planted-traffic.ts";

const hour = 3_600_000;
const day = 24 * hour;
const days = 32;
/** Two moments at least within the six hours that labels are told together for, and few of them. */
const stepHours = 2;
const requestsAStep = 24;

interface Month {
  namespace: string;
  route: string;
  /** Whose answers become worse; another's stay as they are. */
  backend: string;
  steady: string;
  /** Of the newest window, in milliseconds since the epoch. */
  end: number;
  /** In which they are. */
  worseDays: number;
}

/** The same every two hours, so that nothing else has moved. */
export function driftedMonth(month: Month): PlantedTraffic {
  const { end, worseDays } = month;
  const records: RequestRecord[] = [];
  const labels: LabelRecord[] = [];
  for (let index = 0; index < (days * 24) / stepHours; index += 1) {
    const from = end - days * day + index * stepHours * hour;
    const isWorse = from >= end - worseDays * day;
    plantStep(month, { from, isWorse }, records, labels);
  }
  const windows = Array.from({ length: days }, (_, index) => ({
    from: end - (days - index) * day,
    to: end - (days - 1 - index) * day,
  }));
  return { windows, records, labels };
}

function plantStep(
  { namespace, route, backend, steady }: Month,
  { from, isWorse }: { from: number; isWorse: boolean },
  records: RequestRecord[],
  labels: LabelRecord[],
): void {
  for (const [name, pace] of [
    [backend, isWorse ? 2 : 1],
    [steady, 1],
  ] as const) {
    for (let place = 0; place < requestsAStep; place += 1) {
      const ms = (400 + 50 * (place % 12)) * pace;
      const ts = new Date(from + 1_000 * place).toISOString();
      const id = `${name}-${from}-${place}`;
      const common = { namespace, route, request_id: id, ts };
      records.push(
        makeRecord({
          ...common,
          tenant: null,
          latency_ms: ms,
          attempts: [makeAttemptRecord({ backend: name, ms, ttft_ms: ms / 4 })],
        }),
      );
      const isWrong = isWorse && name === backend ? place % 2 === 0 : place === 0;
      if (place < 8)
        labels.push(makeLabel({ ...common, label_id: id, backend: name, score: isWrong ? 0 : 1 }));
    }
  }
}
