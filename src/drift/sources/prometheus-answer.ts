import { z } from "zod";

// What a query of Prometheus' HTTP API answers, as far as it is used here.

const labels = z.record(z.string(), z.string());
const number = z.string().transform(Number);
/** In seconds since the epoch, as a number. */
const instant = z.number();

/** How the bounds belong to it, where it begins, where it ends, how many it holds. */
const bucket = z.tuple([z.number(), number, number, number]);

const nativeHistogram = z.object({
  count: number,
  sum: number,
  buckets: z.array(bucket).default([]),
});

const sample = z.object({
  metric: labels,
  value: z.tuple([instant, number]).optional(),
  histogram: z.tuple([instant, nativeHistogram]).optional(),
});

const vector = z.object({ resultType: z.literal("vector"), result: z.array(sample) });

const matrix = z.object({
  resultType: z.literal("matrix"),
  result: z.array(
    z.object({ metric: labels, values: z.array(z.tuple([instant, number])).default([]) }),
  ),
});

export type NativeHistogram = z.output<typeof nativeHistogram>;

/** One series at one time: a number, or a native histogram. */
export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number | null;
  histogram: NativeHistogram | null;
}

export interface Point {
  /** Milliseconds since the epoch. */
  at: number;
  value: number;
}

export function samplesOf(data: unknown): Sample[] {
  return checked(vector, data).result.map(({ metric, value, histogram }) => ({
    labels: metric,
    value: value?.[1] ?? null,
    histogram: histogram?.[1] ?? null,
  }));
}

export const seriesOf = (
  data: unknown,
): { labels: Readonly<Record<string, string>>; points: Point[] }[] =>
  checked(matrix, data).result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([at, value]) => ({ at: at * 1_000, value })),
  }));

/** @throws Error saying where it is not what Prometheus answers */
function checked<Shape>(shape: z.ZodType<Shape>, data: unknown): Shape {
  const result = shape.safeParse(data);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "data" : issue.path.join(".");
  throw new Error(`the answer is not as Prometheus' API has it: ${where}: ${issue?.message}`);
}
