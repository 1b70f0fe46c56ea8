/** Keys of operational log lines, besides `level`, `ts` and `message`. */
export const logKeys = {
  address: "A host and port that is listened on or called",
  backend: "A backend's name",
  count: "How many, of what the message names",
  digest: "A table's digest",
  duration_ms: "How long it took, in milliseconds",
  error: "An error's message",
  error_code: "An error's code",
  file: "A file's path",
  finding: "A finding's reason",
  issuer: "An issuer of tokens",
  kind: "A resource's kind",
  name: "A resource's name",
  namespace: "A resource's namespace",
  reason: "A short code that says why",
  request_id: "A request's id",
  route: "A route's name",
  signal: "The signal that the process got",
  tenant: "A tenant's name",
  trace_id: "A trace's id",
} as const satisfies Record<string, string>;

export type LogKey = keyof typeof logKeys;
