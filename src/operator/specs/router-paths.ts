/** Where a router's container finds what is mounted. */
export const routerPaths = {
  /** The copy of the last table, which outlives the container and goes with the pod. */
  table: "/var/lib/switchyard/table",
  /** `tls.crt` and `tls.key`, where the class names a Secret. */
  tls: "/etc/switchyard/tls",
  /** `ca.crt` of the store of limits, where the class names a Secret. */
  redisCa: "/etc/switchyard/redis-ca",
  /** `token`, where the class names a Secret for its Prometheus. */
  prometheusToken: "/etc/switchyard/prometheus",
  /** `ca.crt` of the ClickHouse, where the class names a Secret: the drift job's alone. */
  clickhouseCa: "/etc/switchyard/clickhouse-ca",
  temporary: "/tmp",
} as const;
