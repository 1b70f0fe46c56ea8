import type { ProviderErrorCode } from "../../../src/providers/index.ts";

/** A backend's own bound on a wait, by its name in `timeouts`. */
export type Bound = "connect" | "firstToken" | "idle" | "total";

/** What one call comes to, which meets a fault. */
export type Outcome =
  /** The fault does no harm. */
  | { kind: "answered" }
  /** Before the client has got a byte: another candidate may answer. */
  | { kind: "fails"; code: ProviderErrorCode; bound?: Bound; retryAfter?: string }
  /** After the client has got content: the stream ends with an error in its band. */
  | { kind: "breaks"; code: ProviderErrorCode; bound?: Bound };

export const answered: Outcome = { kind: "answered" };

type Details = Omit<Extract<Outcome, { kind: "fails" }>, "kind" | "code">;

export const fails = (code: ProviderErrorCode, details: Details = {}): Outcome => ({
  kind: "fails",
  code,
  ...details,
});

export const breaks = (code: ProviderErrorCode, bound?: Bound): Outcome => ({
  kind: "breaks",
  code,
  ...(bound === undefined ? {} : { bound }),
});

export const boundOf = (outcome: Outcome): Bound | undefined =>
  outcome.kind === "answered" ? undefined : outcome.bound;
