import { HistogramCell, NumberCell } from "./cells.ts";
import { type AttributeName, type MetricName, type MetricSpec, metrics } from "./names.ts";

export type Labels = Partial<Record<AttributeName, string | boolean>>;

export interface Series {
  labels: Labels;
  cell: NumberCell | HistogramCell;
}

/** What a metric that is looked up only when asked for says; undefined where there is nothing to say. */
export type Reading = { value: number; labels: Labels } | undefined;

/** Series that one metric may have; all further ones are counted in a single series of their own. */
const maxSeries = 2_000;

/**
 * Every series of every metric. Cells are looked up by labels once and then held by whoever writes
 * them: looking up is slow, adding is not.
 */
export class MetricRegistry {
  /** When counting began, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly #series = new Map<MetricName, Map<string, Series>>();
  readonly #readings = new Map<MetricName, () => Series[]>();
  readonly #overflowing = new Set<MetricName>();

  constructor(startedAt: number) {
    this.startedAt = startedAt;
    this.readEach("switchyard.metrics.overflowing", () =>
      [...this.#overflowing].map((name) => ({ value: 1, labels: { "switchyard.metric": name } })),
    );
  }

  /** @param labels always with their keys in the same order for one metric */
  number(name: MetricName, labels: Labels): NumberCell {
    const cell = this.#cell(name, labels);
    if (cell instanceof NumberCell) return cell;
    throw new TypeError(`${name} is a histogram`);
  }

  histogram(name: MetricName, labels: Labels): HistogramCell {
    const cell = this.#cell(name, labels);
    if (cell instanceof HistogramCell) return cell;
    throw new TypeError(`${name} is no histogram`);
  }

  /** Has the metric read when it is collected. */
  read(name: MetricName, read: () => Reading): void {
    const cell = new NumberCell();
    this.#readings.set(name, () => {
      const reading = read();
      if (reading === undefined) return [];
      cell.value = reading.value;
      return [{ labels: reading.labels, cell }];
    });
  }

  /**
   * The same for a gauge that has a series for each of what is there at the time. What is past the bound is left
   * out: a gauge of many things at once would say nothing, or something wrong.
   */
  readEach(name: MetricName, read: () => readonly NonNullable<Reading>[]): void {
    this.#readings.set(name, () => {
      const readings = read();
      if (readings.length > maxSeries) this.#overflowing.add(name);
      return readings.slice(0, maxSeries).map(({ value, labels }) => {
        const cell = new NumberCell();
        cell.value = value;
        return { labels, cell };
      });
    });
  }

  /** The metric's series as they stand. */
  collect(name: MetricName): Series[] {
    return this.#readings.get(name)?.() ?? [...(this.#series.get(name)?.values() ?? [])];
  }

  #cell(name: MetricName, labels: Labels): NumberCell | HistogramCell {
    const existing = this.#series.get(name) ?? new Map<string, Series>();
    this.#series.set(name, existing);
    const key = JSON.stringify(labels);
    const found = existing.get(key);
    if (found) return found.cell;
    if (existing.size >= maxSeries && !("otel.metric.overflow" in labels)) {
      this.#overflowing.add(name);
      return this.#cell(name, { "otel.metric.overflow": true });
    }
    const spec: MetricSpec = metrics[name];
    const cell = spec.boundaries ? new HistogramCell(spec.boundaries) : new NumberCell();
    existing.set(key, { labels, cell });
    return cell;
  }
}
