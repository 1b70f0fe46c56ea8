import { mixSignals } from "./counted-rows.ts";
import { leastSlot, mostSlot, slotsOfShare, slotsPerOctave } from "./slots.ts";
import {
  cancellations,
  none,
  promptBand,
  promptBounds,
  refusals,
  timeErrors,
  unservedArms,
  unservedKinds,
} from "./what-counts.ts";

// What `tallyRecord` does with one record, for DuckDB to do with files of them. Names that come from outside are
// parameters, or pass through `text`.

/** Any text as DuckDB writes it. */
export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

const list = (values: readonly string[]): string => values.map(text).join(", ");

const tokens = `STRUCT("in" DOUBLE, "out" DOUBLE, cache_read DOUBLE, cache_write DOUBLE)`;

/** What is read of a line: other members are not even looked at. */
const columns = {
  schema_version: "INTEGER",
  stream: "VARCHAR",
  ts: "VARCHAR",
  namespace: "VARCHAR",
  class: "VARCHAR",
  route: "VARCHAR",
  tenant: "VARCHAR",
  arm: "VARCHAR",
  response_model: "VARCHAR",
  region: "VARCHAR",
  finish_reason: "VARCHAR",
  fallback_reason: "VARCHAR",
  confidence: "DOUBLE",
  confidence_source: "VARCHAR",
  attempts: `STRUCT(backend VARCHAR, kind VARCHAR, ms DOUBLE, ttft_ms DOUBLE, frames BIGINT, error_type VARCHAR, tokens ${tokens}, cost_usd DOUBLE)[]`,
} as const;

const columnTypes = Object.entries(columns)
  .map(([name, type]) => `${name}: ${text(type)}`)
  .join(", ");

/** Lines that are no JSON give a row of nothing but its file. */
export const linesTable = (files: readonly string[]): string => `
  CREATE OR REPLACE TEMP TABLE lines AS
  SELECT * FROM read_ndjson([${list(files)}], columns = {${columnTypes}},
    ignore_errors = true, filename = true, compression = 'uncompressed', maximum_object_size = 4194304)
  WHERE (stream IS NULL OR schema_version IS NULL)
     OR (stream = 'request' AND namespace = $namespace AND class = $class
         AND ts >= $since AND ts < $until
         AND route IN (SELECT unnest($routes::VARCHAR[]))
         AND (arm IS NULL OR arm NOT IN (${list(unservedArms)})))
`;

export const brokenLines = `
  SELECT filename, count(*)::DOUBLE AS lines FROM lines
  WHERE stream IS NULL OR schema_version IS NULL GROUP BY filename
`;

const band = `CASE ${promptBounds
  .map((bound) => `WHEN input_tokens <= ${bound} THEN ${text(promptBand(bound))}`)
  .join(" ")} WHEN input_tokens IS NOT NULL THEN ${text(promptBand(Infinity))} END`;

/** A row for each attempt that was traffic. */
export const callsTable = `
  CREATE OR REPLACE TEMP TABLE calls AS
  WITH attempts AS (
    SELECT route, tenant, response_model, region, finish_reason, attempt, attempt.error_type AS error
    FROM (SELECT *, unnest(attempts) AS attempt FROM lines WHERE schema_version = 1)
    WHERE attempt.kind NOT IN (${list(unservedKinds)})
  ), values AS (
    SELECT route, attempt.backend AS backend, tenant, response_model, region, finish_reason, error,
      CASE WHEN error IS NULL OR error IN (${list(timeErrors)}) THEN attempt.ms / 1000 END AS latency,
      CASE WHEN attempt.frames > 0 THEN attempt.ttft_ms / 1000 END AS first_token,
      attempt.tokens."in" + attempt.tokens.cache_read + attempt.tokens.cache_write AS input_tokens,
      attempt.tokens."out" AS output_tokens,
      CASE WHEN error IS NULL THEN attempt.cost_usd END AS cost
    FROM attempts
  )
  SELECT *, CASE WHEN error IS NULL THEN ${band} END AS band FROM values
`;

const place = "route, backend, tenant";
const first = `
  SELECT route, attempts[1].backend AS backend, tenant, fallback_reason, confidence, confidence_source
  FROM lines WHERE schema_version = 1 AND len(attempts) > 0
`;

const logSlot = `CASE WHEN value <= pow(2, ${leastSlot / slotsPerOctave}) THEN ${leastSlot}
  ELSE least(${mostSlot}, ceil(log2(value) * ${slotsPerOctave})) END`;

export const slotCounts = `
  SELECT ${place}, signal, (${logSlot})::INTEGER AS slot,
    count(*)::DOUBLE AS samples, sum(value)::DOUBLE AS total
  FROM (UNPIVOT calls ON ${mixSignals.join(", ")} INTO NAME signal VALUE value)
  GROUP BY ALL
  UNION ALL
  SELECT ${place}, 'confidence', ceil(confidence * ${slotsOfShare})::INTEGER,
    count(*)::DOUBLE, sum(confidence)::DOUBLE
  FROM (${first}) WHERE confidence IS NOT NULL AND confidence_source IS DISTINCT FROM 'tier'
  GROUP BY ALL
`;

export const categoryCounts = `
  SELECT ${place}, 'error' AS signal, coalesce(error, ${text(none)}) AS category,
    count(*)::DOUBLE AS samples
  FROM calls WHERE error IS NULL OR error NOT IN (${list(cancellations)}) GROUP BY ALL
  UNION ALL
  SELECT ${place}, 'refusal',
    CASE WHEN error IS NOT NULL OR finish_reason IS NOT DISTINCT FROM 'content_filter'
      THEN ${text(refusals.refused)} ELSE ${text(refusals.answered)} END,
    count(*)::DOUBLE
  FROM calls WHERE error IS NULL OR error = 'content_refused' GROUP BY ALL
  UNION ALL
  SELECT ${place}, 'finish_reason', finish_reason, count(*)::DOUBLE
  FROM calls WHERE error IS NULL AND finish_reason IS NOT NULL GROUP BY ALL
  UNION ALL
  SELECT ${place}, 'fallback', coalesce(fallback_reason, ${text(none)}), count(*)::DOUBLE
  FROM (${first}) GROUP BY ALL
`;

const factColumns = {
  model: "response_model",
  region: "region",
  tenant: "tenant",
  prompt_length: "band",
} as const;

export const mixCounts = Object.entries(factColumns)
  .map(
    ([fact, column]) => `
  SELECT ${place}, ${text(fact)} AS fact, ${column} AS category, count(*)::DOUBLE AS samples,
    [${mixSignals.map((signal) => `count(${signal})::DOUBLE`).join(", ")}] AS counts,
    [${mixSignals.map((signal) => `sum(${signal})::DOUBLE`).join(", ")}] AS sums
  FROM calls WHERE error IS NULL AND ${column} IS NOT NULL GROUP BY route, backend, tenant, ${column}`,
  )
  .join("\n  UNION ALL\n");
