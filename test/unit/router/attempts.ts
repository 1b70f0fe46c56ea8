import { ProviderError, type ProviderErrorCode } from "../../../src/providers/index.ts";
import { openAttempt, type Attempt } from "../../../src/router/attempt.ts";
import type { BackendEntry } from "../../../src/table/index.ts";
import { backendEntry } from "../routing/sample-entries.ts";

export const usage = (input: number, output: number) => ({
  input,
  output,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  reasoning: 0,
});

/** An attempt at a backend, which has taken 100 ms. */
export function attemptAt(backend: BackendEntry | string, changes: Partial<Attempt> = {}): Attempt {
  const entry = typeof backend === "string" ? backendEntry(backend) : backend;
  return {
    ...openAttempt(entry, changes.kind ?? "first", changes.streaming ?? false, 1_000),
    endedAt: 1_100,
    sent: true,
    ...changes,
  };
}

export function failedAt(
  backend: BackendEntry | string,
  code: ProviderErrorCode,
  changes: Partial<Attempt> = {},
): Attempt {
  return attemptAt(backend, { error: new ProviderError(code, `It failed by ${code}`), ...changes });
}
