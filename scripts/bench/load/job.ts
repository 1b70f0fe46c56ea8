import type { Distribution } from "../../../test/support/distribution.ts";

/** Load to be made on one gateway. */
export interface Job {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  seconds: number;
  /** Closed: so many callers, each with one request after the other. Open: so many requests a second, whatever becomes of them. */
  shape: { callers: number } | { perSecond: number };
}

/** What came of it. */
export interface Loaded {
  /** Answered within the time. */
  requests: number;
  /** Those after it included. */
  answered: number;
  perSecond: number;
  /** Requests that were not answered, or with a status other than 200; the first says why. */
  failures: number;
  firstFailure: string | null;
  /** Null where nothing was answered; gaps also where every answer came in one read. */
  totalMs: Distribution | null;
  firstByteMs: Distribution | null;
  gapMs: Distribution | null;
}
