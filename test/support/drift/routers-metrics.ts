// What routers would have counted of planted traffic, by the real recorders: as their text, and as OTLP has it.
import type { LabelRecord, RequestRecord } from "../../../src/records/index.ts";
import { countMeasured } from "../../../src/telemetry/arm-metrics.ts";
import { HistogramCell } from "../../../src/telemetry/cells.ts";
import { countGolden, countLabel } from "../../../src/telemetry/label-metrics.ts";
import { writeMetricsText } from "../../../src/telemetry/metrics-text.ts";
import { metrics, type MetricName } from "../../../src/telemetry/names.ts";
import { MetricRegistry } from "../../../src/telemetry/registry.ts";
import { RequestMetrics } from "../../../src/telemetry/request-metrics.ts";
import { makeAttemptObservation, makeObservation } from "../observations.ts";
import { type PlantedTraffic, step } from "./planted-traffic.ts";

/** Those that sources ask for. */
const asked = [
  "gen_ai.client.operation.duration",
  "gen_ai.client.operation.time_to_first_chunk",
  "gen_ai.client.token.usage",
  "switchyard.attempts",
  "switchyard.fallbacks",
  "switchyard.labels",
] as const satisfies readonly MetricName[];

interface Router {
  labels: Readonly<Record<string, string>>;
  registry: MetricRegistry;
  requests: RequestMetrics;
}

/** All routers' metrics at the end of a step, all that they had counted until then. */
export interface Moment {
  at: number;
  routers: readonly Router[];
}

/**
 * Two routers of each group share its traffic; one of them is replaced amid the fourth window, and begins to count
 * anew.
 */
export function* playTraffic({ windows, records, labels }: PlantedTraffic): Generator<Moment> {
  const routers = new Map<string, Router>();
  const replacedAt = (windows[3]?.from ?? 0) + 36 * step;
  // A router counts what it judged, however often the judgement is written.
  const judgements = new Map(labels.map((label) => [label.label_id, label])).values();
  const steps = Map.groupBy([...records, ...judgements], ({ ts }) =>
    Math.floor(Date.parse(ts) / step),
  );
  for (const [number, events] of [...steps].toSorted(([left], [right]) => left - right)) {
    const from = number * step;
    if (from === replacedAt) routers.delete("shop default 0");
    for (const [turn, event] of events.entries())
      countEvent(routers, event, { turn: turn % 2, from });
    yield { at: from + step, routers: [...routers.values()] };
  }
}

type Event = RequestRecord | LabelRecord;

function countEvent(
  routers: Map<string, Router>,
  event: Event,
  { turn, from }: { turn: number; from: number },
): void {
  const name = `${event.namespace} ${event.class} ${turn}`;
  const router = routers.get(name) ?? makeRouter(event, turn, from);
  routers.set(name, router);
  if (event.stream === "label") countLabel(router.registry, event);
  else countRequest(router, event);
}

function makeRouter(event: Event, number: number, now: number): Router {
  const registry = new MetricRegistry(now);
  const { namespace, class: routerClass } = event;
  const labels = { namespace, switchyard_class: routerClass, instance: `10.0.0.${number}:8081` };
  return { labels, registry, requests: new RequestMetrics(registry, 100) };
}

function countRequest({ registry, requests }: Router, record: RequestRecord): void {
  if (record.arm === "golden") countGolden(registry, record);
  else if (record.arm === "shadow" || record.arm === "judge") countMeasured(registry, record);
  else
    requests.record(
      makeObservation({
        record,
        attempts: record.attempts.map(({ backend }) =>
          makeAttemptObservation({ requestModel: `model-${backend}` }),
        ),
      }),
    );
}

const shownNames = asked.map((name) => name.replaceAll(".", "_"));

/** As `/metrics` would have shown it, each line with its labels of a target and its time. */
export async function* metricsLines(moments: Iterable<Moment>): AsyncGenerator<string> {
  for (const { at, routers } of moments) {
    for (const { labels, registry } of routers) {
      const target = Object.entries(labels)
        .map(([name, value]) => `${name}="${value}"`)
        .join(",");
      const text = await writeMetricsText(registry);
      const lines = text
        .split("\n")
        .filter((line) => shownNames.some((name) => line.startsWith(name)))
        .map((line) => `${line.replace("{", `{${target},`)} ${at / 1_000}\n`);
      yield lines.join("");
    }
  }
}

/** An OTLP/JSON request for each router at that moment: exponential histograms, running totals. */
export function otlpRequests({ at, routers }: Moment): unknown[] {
  return routers.map(({ labels, registry }) => {
    const time = {
      startTimeUnixNano: `${registry.startedAt}000000`,
      timeUnixNano: `${at}000000`,
    };
    const shown = asked.map((name) => ({
      name,
      unit: metrics[name].unit,
      ...dataOf(registry, name, labels, time),
    }));
    return { resourceMetrics: [{ resource: {}, scopeMetrics: [{ metrics: shown }] }] };
  });
}

function dataOf(
  registry: MetricRegistry,
  name: MetricName,
  target: Readonly<Record<string, string>>,
  time: object,
): object {
  const series = registry.collect(name).map(({ labels, cell }) => ({
    cell,
    base: {
      ...time,
      attributes: Object.entries({ ...labels, ...target }).map(([key, value]) => ({
        key,
        value: { stringValue: String(value) },
      })),
    },
  }));
  if (metrics[name].kind !== "histogram")
    return {
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: series.map(({ base, cell }) => ({
          ...base,
          asDouble: cell instanceof HistogramCell ? 0 : cell.value,
        })),
      },
    };
  return {
    exponentialHistogram: {
      aggregationTemporality: 2,
      dataPoints: series.flatMap(({ base, cell }) => {
        if (!(cell instanceof HistogramCell) || cell.state.count === 0) return [];
        const { count, sum, zeros, offset, exponential } = cell.state;
        const positive = { offset, bucketCounts: exponential.map(String) };
        return [
          { ...base, count: String(count), sum, scale: 3, zeroCount: String(zeros), positive },
        ];
      }),
    },
  };
}
