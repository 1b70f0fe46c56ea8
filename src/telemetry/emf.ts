// A request's line for CloudWatch: behind the record's own members stand `_aws` and those that it names and no record
// has, as the embedded metric format wants them. Nothing of the record is changed or said twice.
import type { KeptRecord, RequestRecord } from "../records/index.ts";
import {
  type EmfDimension,
  emfDimensions,
  type EmfMetric,
  emfMetrics,
  emfNamespace,
} from "./names.ts";
import { outcomeOf } from "./outcome.ts";

/**
 * @param line the record's, one JSON object without a line feed
 * @returns the same line where the record is none of a request
 */
export function emfLine(record: KeptRecord, line: string): string {
  if (record.stream !== "request") return line;
  const added = isTraffic(record) ? addedToTraffic(record) : addedToArm(record);
  const dimensions = { namespace: record.namespace, route: record.route, ...added };
  const measured = isTraffic(record) ? { ...measuredBy(record), ...added } : costOf(record);
  const directives = directivesFor(
    dimensionNames.filter((name) => isDimensionValue(dimensions[name])),
    metricNames.filter((name) => Number.isFinite(measured[name])),
  );
  const members = JSON.stringify(added).slice(1, -1);
  const meta = `"_aws":{"Timestamp":${Date.parse(record.ts)},"CloudWatchMetrics":${directives}}`;
  return `${line.slice(0, -1)},${members},${meta}}`;
}

type Values = Partial<Record<EmfMetric, number | null>>;

/** What no record has; JSON leaves out what is not known. */
interface Added {
  model: string | undefined;
  outcome: string;
  input_tokens?: number | undefined;
  output_tokens?: number | undefined;
  fallbacks?: number;
}

const isTraffic = ({ arm }: RequestRecord): boolean => arm === null || arm === "control";

function addedToTraffic(record: RequestRecord): Added {
  const { tokens } = record;
  return {
    model: record.response_model ?? undefined,
    outcome: outcomeOf(record),
    input_tokens: tokens === null ? undefined : tokens.in + tokens.cache_read + tokens.cache_write,
    output_tokens: tokens?.out,
    fallbacks: record.fallback_reason === null ? 0 : 1,
  };
}

/** What is no answer to anybody counts with its cost, and with nothing else. */
const addedToArm = ({ arm, response_model: model }: RequestRecord): Added => ({
  model: model ?? undefined,
  outcome: arm ?? "",
});

const costOf = ({ cost_usd }: RequestRecord): Values => ({ cost_usd });

const measuredBy = ({ latency_ms, ttft_ms, cost_usd }: RequestRecord): Values => ({
  latency_ms,
  ttft_ms,
  cost_usd,
});

const dimensionNames = Object.keys(emfDimensions) as EmfDimension[];
const metricNames = Object.keys(emfMetrics) as EmfMetric[];

/** What CloudWatch takes as a dimension's value; a name that it would not take is left out of the set. */
const isDimensionValue = (value: unknown): boolean =>
  typeof value === "string" && /^[ -~]{1,1024}$/.test(value) && value.trim() !== "";

/** There are few of them, and to write one costs more than all the rest. */
const written = new Map<string, string>();

function directivesFor(dimensions: readonly EmfDimension[], metrics: readonly EmfMetric[]): string {
  const key = `${dimensions.join()} ${metrics.join()}`;
  const known = written.get(key);
  if (known !== undefined) return known;
  const text = JSON.stringify([
    {
      Namespace: emfNamespace,
      Dimensions: [dimensions],
      Metrics: metrics.map((name) => ({ Name: name, Unit: emfMetrics[name].unit })),
    },
  ]);
  written.set(key, text);
  return text;
}
