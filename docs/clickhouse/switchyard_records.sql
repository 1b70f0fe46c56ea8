-- The lines that routers print or keep, whole, with what is asked for often as columns of their own. A line that
-- comes twice, as log agents may send it, is kept once. Tried with the engine of release 26.5.
CREATE TABLE IF NOT EXISTS switchyard_records
(
    line String CODEC(ZSTD(3)),
    stream LowCardinality(String) MATERIALIZED JSONExtractString(line, 'stream'),
    ts DateTime64(3, 'UTC') MATERIALIZED parseDateTime64BestEffort(JSONExtractString(line, 'ts'), 3, 'UTC'),
    namespace LowCardinality(String) MATERIALIZED JSONExtractString(line, 'namespace'),
    class LowCardinality(String) MATERIALIZED JSONExtractString(line, 'class'),
    route LowCardinality(String) MATERIALIZED JSONExtractString(line, 'route'),
    id String MATERIALIZED if(stream = 'label', JSONExtractString(line, 'label_id'), JSONExtractString(line, 'request_id')),
    tenant Nullable(String) MATERIALIZED JSONExtract(line, 'tenant', 'Nullable(String)'),
    arm Nullable(String) MATERIALIZED JSONExtract(line, 'arm', 'Nullable(String)'),
    response_model Nullable(String) MATERIALIZED JSONExtract(line, 'response_model', 'Nullable(String)'),
    region Nullable(String) MATERIALIZED JSONExtract(line, 'region', 'Nullable(String)'),
    finish_reason Nullable(String) MATERIALIZED JSONExtract(line, 'finish_reason', 'Nullable(String)'),
    fallback_reason Nullable(String) MATERIALIZED JSONExtract(line, 'fallback_reason', 'Nullable(String)'),
    confidence Nullable(Float64) MATERIALIZED JSONExtract(line, 'confidence', 'Nullable(Float64)'),
    confidence_source Nullable(String) MATERIALIZED JSONExtract(line, 'confidence_source', 'Nullable(String)'),
    answered_by Nullable(String) MATERIALIZED arrayFilter(each -> each.kind = 'answer', JSONExtract(line, 'ledger', 'Array(Tuple(kind String, backend Nullable(String)))'))[1].backend,
    attempts Array(Tuple(
        backend String,
        kind String,
        ms Float64,
        ttft_ms Nullable(Float64),
        frames UInt32,
        error_type Nullable(String),
        tokens Tuple(in Nullable(Float64), out Nullable(Float64), cache_read Nullable(Float64), cache_write Nullable(Float64)),
        cost_usd Nullable(Float64)))
        MATERIALIZED JSONExtract(line, 'attempts', 'Array(Tuple(backend String, kind String, ms Float64, ttft_ms Nullable(Float64), frames UInt32, error_type Nullable(String), tokens Tuple(in Nullable(Float64), out Nullable(Float64), cache_read Nullable(Float64), cache_write Nullable(Float64)), cost_usd Nullable(Float64)))')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(ts)
ORDER BY (namespace, class, stream, route, ts, id)
TTL toDateTime(ts) + INTERVAL 90 DAY;
