import { getBooleanFromEnv, getNumberFromEnv, getStringFromEnv } from "@opentelemetry/core";
import type { Log } from "./log.ts";

export type Signal = "traces" | "metrics" | "logs";
export type ExporterName = "otlp-proto" | "otlp-json" | "console" | "none";

/**
 * Where a signal goes, by the standard variables. Unlike the SDK, which would then try localhost,
 * nothing is exported until an exporter or an OTLP endpoint is named.
 */
export function exporterFor(signal: Signal, log: Log): ExporterName {
  if (getBooleanFromEnv("OTEL_SDK_DISABLED") === true) return "none";
  const upper = signal.toUpperCase();
  const named = getStringFromEnv(`OTEL_${upper}_EXPORTER`);
  const endpoint =
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${upper}_ENDPOINT`) ??
    getStringFromEnv("OTEL_EXPORTER_OTLP_ENDPOINT");
  const name = named ?? (endpoint === undefined ? "none" : "otlp");
  if (name === "none" || name === "console") return name;
  if (name !== "otlp") {
    log.warn(`Ignoring an unknown OTEL_${upper}_EXPORTER; otlp, console and none are known`, {
      name,
    });
    return "none";
  }
  return protocolFor(upper, log);
}

function protocolFor(upper: string, log: Log): ExporterName {
  const protocol =
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${upper}_PROTOCOL`) ??
    getStringFromEnv("OTEL_EXPORTER_OTLP_PROTOCOL") ??
    "http/protobuf";
  if (protocol === "http/json") return "otlp-json";
  if (protocol !== "http/protobuf") {
    log.warn("Using OTLP over http/protobuf, since the protocol asked for is not built in", {
      name: protocol,
    });
  }
  return "otlp-proto";
}

/** A positive number from the environment; anything else gives `fallback`. */
export function positiveFromEnv(name: string, fallback: number): number {
  const value = getNumberFromEnv(name);
  return value !== undefined && value > 0 ? value : fallback;
}
