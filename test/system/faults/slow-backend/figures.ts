import type { RequestRecord } from "../../../../src/records/index.ts";
import { distributionOf, type Distribution } from "../../../support/distribution.ts";
import type { Outcome } from "./setup.ts";
import { inputUsd } from "./that-week.ts";

type RecordedAttempt = RequestRecord["attempts"][number];

/** What is told of a set-up. */
export interface Figures {
  requests: number;
  /** Requests that a client or the record saw fail. */
  errors: number;
  /** Until the client's first byte. */
  firstByteMs: Distribution;
  /** Per cent of the requests. */
  hedgedPercent: number;
  hedgesWonPercent: number;
  hedgesDeniedPercent: number;
  /** How long the first attempt was waited for before the hedge that won began, the median; null where none did. */
  hedgedAfterMs: number | null;
  fallbackPercent: number;
  /** Calls that came late, in per cent of the requests. */
  slowCallsPercent: number;
  /** For a request, in USD: with the input of cancelled calls unbilled, and billed. */
  cost: { cancelledUnbilled: number; cancelledBilled: number };
}

export function figuresOf({ records, calls, failures, firstBytesMs }: Outcome): Figures {
  const requests = records.length;
  const share = (count: number) => (count * 100) / requests;
  const attempts = records.flatMap((record) => record.attempts);
  const countOf = (test: (attempt: RecordedAttempt) => boolean) => attempts.filter(test).length;
  const failed = records.filter((record) => record.error_type !== null).length;
  return {
    requests,
    errors: Math.max(failures.length, failed),
    firstByteMs: distributionOf(firstBytesMs),
    hedgedPercent: share(countOf(({ kind }) => kind === "hedge")),
    hedgesWonPercent: share(countOf(({ kind, error_type: code }) => kind === "hedge" && !code)),
    hedgesDeniedPercent: share(records.filter(({ denied }) => denied === "hedge").length),
    hedgedAfterMs: medianOf(records.flatMap(hedgedAfter)),
    fallbackPercent: share(countOf(({ kind }) => kind === "fallback")),
    slowCallsPercent: share(calls.filter(({ fault }) => fault !== undefined).length),
    cost: costOf(records),
  };
}

/** The loser ends when the winner's first content comes. */
function hedgedAfter({ attempts }: RequestRecord): number[] {
  const [first, second] = attempts;
  const won = second?.kind === "hedge" && second.error_type === null;
  return won ? [(first?.ms ?? 0) - (second.ttft_ms ?? 0)] : [];
}

const medianOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : distributionOf(values).p50;

function costOf(records: readonly RequestRecord[]): Figures["cost"] {
  const billed = sumInPicoUsd(records.map((record) => record.cost_usd));
  const cancelled = records.flatMap((record) => record.attempts).filter(isCancelled);
  const unbilled = sumInPicoUsd(cancelled.map(({ tokens }) => (tokens?.in ?? 0) * inputUsd));
  return {
    cancelledUnbilled: (billed - unbilled) / records.length / 1e12,
    cancelledBilled: billed / records.length / 1e12,
  };
}

/** The provider never came to say what it used: the router left before. */
const isCancelled = ({ error_type: code, token_source: source }: RecordedAttempt): boolean =>
  code !== null && source === "estimated";

/** Whole, so that nothing is lost to rounding. */
const sumInPicoUsd = (usd: readonly number[]): number =>
  usd.reduce((total, each) => total + Math.round(each * 1e12), 0);
