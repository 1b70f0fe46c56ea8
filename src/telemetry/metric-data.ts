// From the registry to the SDK's metric data, for export: histograms as exponential ones, and the
// temporality that the exporter wants.
import { type HrTime, ValueType } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  InstrumentType,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import {
  copyHistogram,
  emptyHistogram,
  exponentialScale,
  HistogramCell,
  histogramSince,
} from "./cells.ts";
import type { HistogramState, NumberCell } from "./cells.ts";
import { type MetricName, type MetricSpec, metrics } from "./names.ts";
import type { MetricRegistry, Series } from "./registry.ts";

type ChooseTemporality = (type: InstrumentType) => AggregationTemporality;

const instrumentTypes = {
  counter: InstrumentType.COUNTER,
  updowncounter: InstrumentType.UP_DOWN_COUNTER,
  gauge: InstrumentType.GAUGE,
  histogram: InstrumentType.HISTOGRAM,
} as const;

/** Reads the registry for one exporter, remembering what that was told where it wants differences. */
export class MetricSource {
  readonly #registry: MetricRegistry;
  readonly #temporality: ChooseTemporality;
  #toldNumbers = new WeakMap<NumberCell, number>();
  #toldHistograms = new WeakMap<HistogramCell, HistogramState>();
  #toldAt: number;

  constructor(registry: MetricRegistry, temporality: ChooseTemporality) {
    this.#registry = registry;
    this.#temporality = temporality;
    this.#toldAt = registry.startedAt;
  }

  collect(): MetricData[] {
    const collected: MetricData[] = [];
    const now = Date.now();
    for (const name of Object.keys(metrics) as MetricName[]) {
      const series = this.#registry.collect(name);
      const data = series.length === 0 ? undefined : this.#dataOf(name, series, now);
      if (data !== undefined && data.dataPoints.length > 0) collected.push(data);
    }
    this.#toldAt = now;
    return collected;
  }

  #dataOf(name: MetricName, series: readonly Series[], now: number): MetricData {
    const spec: MetricSpec = metrics[name];
    const aggregationTemporality = this.#temporality(instrumentTypes[spec.kind]);
    const delta = aggregationTemporality === AggregationTemporality.DELTA;
    const descriptor = {
      name,
      description: spec.description,
      unit: spec.unit,
      valueType: countsThings(spec.unit) ? ValueType.INT : ValueType.DOUBLE,
    };
    const times = {
      startTime: millisToHrTime(delta ? this.#toldAt : this.#registry.startedAt),
      endTime: millisToHrTime(now),
    };
    const base = { descriptor, aggregationTemporality };
    if (spec.kind === "histogram") {
      const dataPoints = this.#histograms(series, times, delta);
      return { ...base, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints };
    }
    const dataPoints = series.map(({ labels, cell }) => ({
      ...times,
      attributes: labels,
      value: this.#numberOf(cell as NumberCell, delta && spec.kind === "counter"),
    }));
    if (spec.kind === "gauge") return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
    return {
      ...base,
      dataPointType: DataPointType.SUM,
      isMonotonic: spec.kind === "counter",
      dataPoints,
    };
  }

  #histograms(
    series: readonly Series[],
    times: Times,
    delta: boolean,
  ): DataPoint<ExponentialHistogram>[] {
    return series.flatMap(({ labels, cell }) => {
      if (!(cell instanceof HistogramCell)) return [];
      const state = this.#histogramOf(cell, delta);
      return state.count === 0 ? [] : [{ ...times, attributes: labels, value: pointOf(state) }];
    });
  }

  #numberOf(cell: NumberCell, delta: boolean): number {
    if (!delta) return cell.value;
    const told = this.#toldNumbers.get(cell) ?? 0;
    this.#toldNumbers.set(cell, cell.value);
    return cell.value - told;
  }

  #histogramOf(cell: HistogramCell, delta: boolean): HistogramState {
    const state = copyHistogram(cell.state);
    if (!delta) return state;
    const told = this.#toldHistograms.get(cell) ?? emptyHistogram(cell.boundaries);
    this.#toldHistograms.set(cell, state);
    return histogramSince(state, told);
  }
}

interface Times {
  startTime: HrTime;
  endTime: HrTime;
}

function pointOf(state: HistogramState): ExponentialHistogram {
  const extremes = Number.isFinite(state.min) ? { min: state.min, max: state.max } : {};
  return {
    count: state.count,
    sum: state.sum,
    ...extremes,
    scale: exponentialScale,
    zeroCount: state.zeros,
    positive: { offset: state.offset, bucketCounts: state.exponential },
    negative: { offset: 0, bucketCounts: [] },
  };
}

/** Of things there are whole numbers; of seconds, dollars and shares there are not. */
const countsThings = (unit: string): boolean => unit.startsWith("{") && unit !== "{USD}";
