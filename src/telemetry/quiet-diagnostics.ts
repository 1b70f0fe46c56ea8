import { diag, type DiagLogger, DiagLogLevel } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import type { Log } from "./log.ts";

const intervalMs = 60_000;

/**
 * Brings the SDK's complaints into the log, each at most once a minute: with a collector that is down
 * every batch fails, and says so.
 */
export function quietDiagnostics(log: Log): void {
  const saidAt = new Map<string, number>();
  const once = (say: (message: string) => void) => (message: string) => {
    const now = performance.now();
    if (now - (saidAt.get(message) ?? Number.NEGATIVE_INFINITY) < intervalMs) return;
    if (saidAt.size > 100) saidAt.clear();
    saidAt.set(message, now);
    say(message);
  };
  const warn = once((message) => log.warn("Telemetry complains", { reason: message }));
  const error = once((message) => log.error("Exporting telemetry failed", { reason: message }));
  const silent = () => {};
  const logger: DiagLogger = { error, warn, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  setGlobalErrorHandler((fault) => error(typeof fault === "string" ? fault : faultMessage(fault)));
}

const faultMessage = (fault: object): string =>
  "message" in fault && typeof fault.message === "string" ? fault.message : "unknown fault";
