import type { MetricRegistry } from "./registry.ts";
import type { Telemetry, TableLoaded } from "./telemetry.ts";

interface TableMetrics {
  loaded: Telemetry["tableLoaded"];
  refused: Telemetry["tableRefused"];
}

/** The metrics of the table in use; before the first one they say nothing. */
export function watchTable(registry: MetricRegistry): TableMetrics {
  let current: TableLoaded | undefined;
  const read = (value: (table: TableLoaded) => number) => () =>
    current && { value: value(current), labels: {} };
  registry.read(
    "switchyard.table.age",
    read((table) => Math.max(0, Date.now() - table.loadedAt) / 1_000),
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
  return {
    loaded: (table) => {
      current = table;
      loads.add(1);
    },
    refused: (reason) =>
      registry.number("switchyard.table.refusals", { "switchyard.refusal": reason }).add(1),
  };
}
