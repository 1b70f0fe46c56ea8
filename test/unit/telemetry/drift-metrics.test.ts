import { expect, it } from "vitest";
import { watchDrift, type DriftReading } from "../../../src/telemetry/index.ts";
import { writeMetricsText } from "../../../src/telemetry/metrics-text.ts";
import { MetricRegistry } from "../../../src/telemetry/registry.ts";

const reading: DriftReading = {
  group: { namespace: "models", routerClass: "default" },
  route: "chat",
  backend: "small",
  tenant: null,
  signal: "latency",
  state: "drifted",
  score: 0.37,
  threshold: 0.15,
  samples: 3_200,
};

const textOf = async (readings: readonly DriftReading[]): Promise<string[]> => {
  const registry = new MetricRegistry(0);
  watchDrift(registry, () => readings);
  const text = await writeMetricsText(registry);
  return text.split("\n").filter((line) => line.startsWith("switchyard_drift_"));
};

it("metrics tell of each series what the last look for drift found, and which state it is in", async () => {
  const labels =
    'switchyard_namespace="models",switchyard_class="default",switchyard_route="chat",switchyard_backend="small",switchyard_signal="latency"';
  const lines = await textOf([reading]);
  expect(lines.map((line) => line.replace(labels, "…"))).toEqual([
    "switchyard_drift_score{…} 0.37",
    "switchyard_drift_threshold{…} 0.15",
    "switchyard_drift_samples{…} 3200",
    'switchyard_drift_state{…,switchyard_state="ok"} 0',
    'switchyard_drift_state{…,switchyard_state="drifted"} 1',
    'switchyard_drift_state{…,switchyard_state="insufficient"} 0',
  ]);
});

it("metrics give no score of what could not be compared", async () => {
  const unknown = { ...reading, state: "insufficient", score: null, threshold: null } as const;
  const lines = await textOf([{ ...unknown, tenant: "acme" }]);
  expect(lines.filter((line) => /score|threshold/.test(line))).toEqual([]);
  expect(lines.every((line) => line.includes('switchyard_tenant="acme"'))).toBe(true);
});
