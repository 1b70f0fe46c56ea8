/** A series at a moment: its value, or its native histogram's sum where it is one. */
export interface PrometheusSample {
  labels: Record<string, string>;
  value: number;
  /** Of native histograms alone. Buckets as [kind of bounds, from, to, count]. */
  histogram?: { count: number; sum: number; buckets: [number, number, number, number][] };
}

export interface PrometheusSeries {
  labels: Record<string, string>;
  /** [ms since the epoch, value], the oldest first. */
  points: [at: number, value: number][];
}

export interface PrometheusAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
  activeAt: string;
  value: number;
}

interface WireHistogram {
  count: string;
  sum: string;
  buckets?: [number, string, string, string][];
}

interface WireSeries {
  metric: Record<string, string>;
  value?: [number, string];
  histogram?: [number, WireHistogram];
  values?: [number, string][];
}

const waitMs = 30_000;

/** Asks a Prometheus by its HTTP API. Everything throws what it says where it refuses a question. */
export class PrometheusClient {
  /** Without a slash at its end. */
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /**
   * A vector; empty where there is no series.
   *
   * @param at ms since the epoch; absent: now
   */
  async query(promql: string, at?: number): Promise<PrometheusSample[]> {
    const time = at === undefined ? {} : { time: String(at / 1_000) };
    const answer = await this.#ask<{ resultType: string; result: WireSeries[] }>("query", {
      query: promql,
      ...time,
    });
    if (answer.resultType !== "vector") throw new Error(`No vector but a ${answer.resultType}`);
    return answer.result.map(sampleOf);
  }

  /** @param range in ms since the epoch, and seconds between two points */
  async queryRange(
    promql: string,
    range: { from: number; to: number; stepSeconds: number },
  ): Promise<PrometheusSeries[]> {
    const { result } = await this.#ask<{ result: WireSeries[] }>("query_range", {
      query: promql,
      start: String(range.from / 1_000),
      end: String(range.to / 1_000),
      step: String(range.stepSeconds),
    });
    return result.map(({ metric, values = [] }) => ({
      labels: metric,
      points: values.map(([at, value]) => [at * 1_000, Number(value)]),
    }));
  }

  /** Those that are pending or fire. */
  async alerts(): Promise<PrometheusAlert[]> {
    const { alerts } = await this.#ask<{ alerts: (PrometheusAlert & { value: string })[] }>(
      "alerts",
      {},
    );
    return alerts.map((each) => ({ ...each, value: Number(each.value) }));
  }

  /** Reads its configuration and rule files again. */
  async reload(): Promise<void> {
    const signal = AbortSignal.timeout(waitMs);
    const answer = await fetch(`${this.url}/-/reload`, { method: "POST", signal });
    if (!answer.ok) throw new Error(`Prometheus did not reload: ${await answer.text()}`);
  }

  async #ask<T>(path: string, parameters: Record<string, string>): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      method: path === "alerts" ? "GET" : "POST",
      ...(path !== "alerts" && { body: new URLSearchParams(parameters) }),
      signal: AbortSignal.timeout(waitMs),
    });
    const body = (await answer.json()) as { status: string; data: T; error?: string };
    if (body.status !== "success") throw new Error(`${body.error}: ${parameters["query"]}`);
    return body.data;
  }
}

function sampleOf({ metric, value, histogram }: WireSeries): PrometheusSample {
  if (histogram === undefined) return { labels: metric, value: Number(value?.[1]) };
  const { count, sum, buckets = [] } = histogram[1];
  return {
    labels: metric,
    value: Number(sum),
    histogram: {
      count: Number(count),
      sum: Number(sum),
      buckets: buckets.map(([kind, ...numbers]) => {
        const [from = 0, to = 0, held = 0] = numbers.map(Number);
        return [kind, from, to, held];
      }),
    },
  };
}
