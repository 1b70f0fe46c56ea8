import pino from "pino";
import type { LogKey } from "./names.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a line says besides its message: fixed keys, plain values. `error` becomes its message and code. */
export type LogFields = Partial<
  Record<Exclude<LogKey, "error">, string | number | boolean | null>
> & {
  error?: unknown;
};

/** Messages for operators. Capitalised, no full stop, "-ing" before the act; never content or secrets. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogSettings {
  /** The least level that is written; `info` unless told. */
  level?: LogLevel;
  /** Takes whole lines; standard error unless told, since standard output is for records. */
  output?: { write(line: string): unknown };
}

/** A log of JSON lines. Written at once: they are few, and the last before an exit matters most. */
export function makeLog(settings: LogSettings = {}): Log {
  const logger = pino(
    {
      level: settings.level ?? "info",
      base: null,
      messageKey: "message",
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    settings.output
      ? { write: (line: string) => void settings.output?.write(line) }
      : pino.destination({ fd: 2, sync: true }),
  );
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      logger[level](withErrorText(fields), message);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Stacks and causes may hold what a request said, so only message and code are kept. */
function withErrorText(fields: LogFields): LogFields {
  if (!(fields.error instanceof Error)) return fields;
  const { error, ...rest } = fields;
  const code = (error as NodeJS.ErrnoException).code;
  return { ...rest, error: error.message, ...(code === undefined ? {} : { error_code: code }) };
}
