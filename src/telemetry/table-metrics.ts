import type { MetricRegistry } from "./registry.ts";
import type { Telemetry, TableLoaded } from "./telemetry.ts";

interface TableMetrics {
  loaded: Telemetry["tableLoaded"];
  confirmed: Telemetry["tableConfirmed"];
  refused: Telemetry["tableRefused"];
}

/** The metrics of the table in use; before the first one they say nothing. */
export function watchTable(registry: MetricRegistry): TableMetrics {
  let current: TableLoaded | undefined;
  let confirmedAt: number | undefined;
  const read = (value: (table: TableLoaded) => number) => () =>
    current && { value: value(current), labels: {} };
  registry.read(
    "switchyard.table.age",
    read((table) => Math.max(0, Date.now() - table.loadedAt) / 1_000),
  );
  registry.read("switchyard.table.unconfirmed", () =>
    confirmedAt === undefined
      ? undefined
      : { value: Math.max(0, performance.now() - confirmedAt) / 1_000, labels: {} },
  );
  registry.read(
    "switchyard.table.routes",
    read((table) => table.routes),
  );
  registry.read(
    "switchyard.table.backends",
    read((table) => table.backends),
  );
  registry.read(
    "switchyard.table.tenants",
    read((table) => table.tenants),
  );
  registry.read(
    "switchyard.table.info",
    () => current && { value: 1, labels: { "switchyard.table.digest": current.digest } },
  );
  const loads = registry.number("switchyard.table.loads", {});
  const propagation = registry.histogram("switchyard.config.propagation", {});
  return {
    loaded: (table) => {
      current = table;
      loads.add(1);
      // Of a table from the disk nobody has said yet whether it still is the one: the time runs.
      confirmedAt ??= performance.now();
      if (table.propagationMs !== null) propagation.record(table.propagationMs / 1_000);
    },
    confirmed: (at) => void (confirmedAt = at),
    refused: (reason) =>
      registry.number("switchyard.table.refusals", { "switchyard.refusal": reason }).add(1),
  };
}
