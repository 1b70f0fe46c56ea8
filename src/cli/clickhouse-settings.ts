import type { ClickHouseSettings } from "../drift/index.ts";
import { authorityIn } from "./authority-file.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./usage-error.ts";

/** The server with records that the environment names; null: none. @throws UsageError naming the variable at fault */
export function clickhouseSettings(environment: Environment): ClickHouseSettings | null {
  const {
    SWITCHYARD_CLICKHOUSE_URL: url,
    SWITCHYARD_CLICKHOUSE_USERNAME: username,
    SWITCHYARD_CLICKHOUSE_PASSWORD: password,
    SWITCHYARD_CLICKHOUSE_DATABASE: database,
    SWITCHYARD_CLICKHOUSE_TABLE: table,
  } = environment;
  const ca = authorityIn(environment, "SWITCHYARD_CLICKHOUSE_CA_FILE");
  const others = Object.entries({ username, password, database, table }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  if (url !== undefined)
    return {
      url,
      ...Object.fromEntries(others),
      ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
    };
  const [alone] = others;
  if (alone === undefined && ca === undefined) return null;
  throw new UsageError(
    `SWITCHYARD_CLICKHOUSE_${(alone?.[0] ?? "ca_file").toUpperCase()}: say with SWITCHYARD_CLICKHOUSE_URL where the server is, or leave this out`,
  );
}
