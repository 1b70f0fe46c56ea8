import type { Cell } from "./cells.ts";
import { documented, type Documented } from "./documented.ts";
import type { Bound } from "./outcome.ts";

export interface ExpectedAttempt {
  kind: string;
  backend: string;
  /** Null where it succeeded. */
  code: string | null;
}

/** What a cell's request comes to, as the pages of docs/ promise it. */
export interface Expected {
  attempts: readonly ExpectedAttempt[];
  /** Attempts that failed at the first candidate. */
  firstFailures: number;
  /** How the request ended for its client: answered, refused as a whole, or broken within its stream. */
  end: "answered" | "refused" | "broken";
  /** What the last failure means; absent where nothing failed. */
  failure: Documented | undefined;
}

export function expectedOf(cell: Cell): Expected {
  const { outcome, name, everywhere } = cell;
  const first = { kind: "first", backend: `${name}-first` };
  if (outcome.kind === "answered") {
    const attempts = [{ ...first, code: null }];
    return { attempts, firstFailures: 0, end: "answered", failure: undefined };
  }
  const { code } = outcome;
  const failure = documented(code);
  if (outcome.kind === "breaks") {
    return { attempts: [{ ...first, code }], firstFailures: 1, end: "broken", failure };
  }
  const retry = { kind: "retry", code };
  const fallback = everywhere
    ? { kind: "fallback", backend: `${name}-second`, code }
    : { kind: "fallback", backend: "lite", code: null };
  // Who asks for a second's patience is not asked again while somebody else stands by.
  const isPatient = outcome.retryAfter !== undefined;
  const attempts = [
    { ...first, code },
    ...(failure.retried && !isPatient ? [{ ...retry, backend: first.backend }] : []),
    fallback,
    ...(failure.retried && isPatient && everywhere
      ? [{ ...retry, backend: fallback.backend }]
      : []),
  ];
  const firstFailures = attempts.filter(({ backend }) => backend === first.backend).length;
  return { attempts, firstFailures, end: everywhere ? "refused" : "answered", failure };
}

/** Which bound ended a wait, the error's words tell. */
export const boundWords: Readonly<Record<Bound, RegExp>> = {
  connect: /The model did not answer in time|No (?:answer|content) came within 1000 ms/,
  firstToken: /No content came within 400 ms$/,
  idle: /The stream fell silent for 400 ms$/,
  total: /No answer came within 1000 ms$|The stream did not end within 3000 ms$/,
};
