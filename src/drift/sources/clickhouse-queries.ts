import { mixSignals } from "./counted-rows.ts";
import { mostLabels } from "./ordered-labels.ts";
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

// What `tallyRecord` does with one record, for ClickHouse to do with a table of them: docs/clickhouse. All that comes
// from outside is a parameter; the texts in here are our own.

const text = (value: string): string => `'${value}'`;
const list = (values: readonly string[]): string => values.map(text).join(", ");

const ofGroup = `namespace = {namespace:String} AND class = {class:String}`;
const instant = (name: string): string => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
const asked = `stream = 'request' AND ${ofGroup} AND has({routes:Array(String)}, route)
  AND ts >= ${instant("from")} AND ts < ${instant("to")}`;
const served = `${asked} AND (arm IS NULL OR arm NOT IN (${list(unservedArms)}))`;

const band = `multiIf(${promptBounds
  .map((bound) => `input_tokens <= ${bound}, ${text(promptBand(bound))}`)
  .join(", ")}, ${text(promptBand(Infinity))})`;

/** A row for each attempt that was traffic. */
const calls = `
  SELECT route, attempt.backend AS backend, tenant, response_model, region, finish_reason,
    attempt.error_type AS error,
    if(error IS NULL OR error IN (${list(timeErrors)}), attempt.ms / 1000, NULL) AS latency,
    if(attempt.frames > 0, attempt.ttft_ms / 1000, NULL) AS first_token,
    attempt.tokens.in + attempt.tokens.cache_read + attempt.tokens.cache_write AS input_tokens,
    attempt.tokens.out AS output_tokens,
    if(error IS NULL, attempt.cost_usd, NULL) AS cost
  FROM (
    SELECT route, tenant, response_model, region, finish_reason, arrayJoin(attempts) AS attempt
    FROM {table:Identifier} FINAL WHERE ${served}
  )
  WHERE attempt.kind NOT IN (${list(unservedKinds)})
`;

const first = `
  SELECT route, attempts[1].backend AS backend, tenant, fallback_reason, confidence, confidence_source
  FROM {table:Identifier} FINAL WHERE ${served} AND notEmpty(attempts)
`;

const place = "route, backend, tenant";
const logSlot = `if(value <= pow(2, ${leastSlot / slotsPerOctave}), ${leastSlot},
  least(${mostSlot}, ceil(log2(value) * ${slotsPerOctave})))`;

/** More rows than any window should come to: one more is asked for, to see whether there are more. */
export const mostRows = 1_000_000;
const limit = `LIMIT ${mostRows + 1}`;

export const slotCounts = `
  SELECT ${place}, signal, toInt32(${logSlot}) AS slot, toFloat64(count()) AS samples, sum(value) AS total
  FROM (
    SELECT ${place}, pair.1 AS signal, assumeNotNull(pair.2) AS value
    FROM (
      SELECT ${place}, arrayJoin([${mixSignals
        .map((signal) => `(${text(signal)}, toNullable(${signal}))`)
        .join(", ")}]) AS pair
      FROM (${calls})
    )
    WHERE pair.2 IS NOT NULL
  )
  GROUP BY ${place}, signal, slot
  UNION ALL
  SELECT ${place}, 'confidence' AS signal, toInt32(ceil(confidence * ${slotsOfShare})) AS slot,
    toFloat64(count()) AS samples, sum(assumeNotNull(confidence)) AS total
  FROM (${first})
  WHERE confidence IS NOT NULL AND ifNull(confidence_source, '') != 'tier'
  GROUP BY ${place}, signal, slot
  ${limit}
`;

export const categoryCounts = `
  SELECT ${place}, 'error' AS signal, ifNull(error, ${text(none)}) AS category,
    toFloat64(count()) AS samples
  FROM (${calls}) WHERE error IS NULL OR error NOT IN (${list(cancellations)})
  GROUP BY ${place}, signal, category
  UNION ALL
  SELECT ${place}, 'refusal' AS signal,
    if(error IS NOT NULL OR ifNull(finish_reason, '') = 'content_filter',
      ${text(refusals.refused)}, ${text(refusals.answered)}) AS category,
    toFloat64(count()) AS samples
  FROM (${calls}) WHERE error IS NULL OR error = 'content_refused'
  GROUP BY ${place}, signal, category
  UNION ALL
  SELECT ${place}, 'finish_reason' AS signal, assumeNotNull(finish_reason) AS category,
    toFloat64(count()) AS samples
  FROM (${calls}) WHERE error IS NULL AND finish_reason IS NOT NULL
  GROUP BY ${place}, signal, category
  UNION ALL
  SELECT ${place}, 'fallback' AS signal, ifNull(fallback_reason, ${text(none)}) AS category,
    toFloat64(count()) AS samples
  FROM (${first})
  GROUP BY ${place}, signal, category
  ${limit}
`;

const facts = [
  ["model", "response_model"],
  ["region", "region"],
  ["tenant", "tenant"],
  ["prompt_length", `if(input_tokens IS NULL, NULL, ${band})`],
] as const;

export const mixCounts = `
  SELECT ${place}, pair.1 AS fact, assumeNotNull(pair.2) AS category, toFloat64(count()) AS samples,
    [${mixSignals.map((signal) => `toFloat64(count(${signal}))`).join(", ")}] AS counts,
    [${mixSignals.map((signal) => `ifNull(sum(${signal}), 0)`).join(", ")}] AS sums
  FROM (
    SELECT *, arrayJoin([${facts
      .map(([fact, column]) => `(${text(fact)}, CAST(${column}, 'Nullable(String)'))`)
      .join(", ")}]) AS pair
    FROM (${calls}) WHERE error IS NULL
  )
  WHERE pair.2 IS NOT NULL
  GROUP BY ${place}, fact, category
  ${limit}
`;

/** The judgement that was made last of each id, with the request that it names; of another tenant's it is none. */
export const labels = `
  SELECT asked.route AS route, ifNull(judged.backend, asked.answered_by) AS backend,
    asked.tenant AS tenant, toFloat64(toUnixTimestamp64Milli(asked.ts)) AS ts,
    judged.score AS score, judged.source AS source, judged.prompt_id AS prompt_id
  FROM (
    SELECT id, route, tenant, ts, answered_by FROM {table:Identifier} FINAL WHERE ${asked}
  ) AS asked
  INNER JOIN (
    SELECT JSONExtractString(latest, 'request_id') AS request_id,
      JSONExtract(latest, 'tenant', 'Nullable(String)') AS tenant,
      JSONExtract(latest, 'route', 'Nullable(String)') AS route,
      JSONExtract(latest, 'backend', 'Nullable(String)') AS backend,
      JSONExtractFloat(latest, 'score') AS score,
      JSONExtractString(latest, 'source') AS source,
      JSONExtractString(latest, 'prompt_id') AS prompt_id
    FROM (
      SELECT id, argMax(line, ts) AS latest FROM {table:Identifier} FINAL
      WHERE stream = 'label' AND ${ofGroup} AND ts >= ${instant("from")} GROUP BY id
    )
  ) AS judged ON asked.id = judged.request_id
  WHERE ifNull(asked.tenant, '') = ifNull(judged.tenant, '')
    AND (judged.route IS NULL OR judged.route = asked.route)
    AND ifNull(judged.backend, asked.answered_by) IS NOT NULL
  ORDER BY ts DESC
  LIMIT ${mostLabels}
`;

export const firstRequest = `
  SELECT toFloat64(count()) AS requests, toFloat64(toUnixTimestamp64Milli(min(ts))) AS first
  FROM {table:Identifier} WHERE stream = 'request' AND ${ofGroup}
`;
