import type { Figures, Measured } from "../../../scripts/bench/measure.ts";
import { distributionOf } from "../../support/distribution.ts";

const measuredAt = (perSecond: number, milliseconds: number): Measured => ({
  requests: perSecond,
  answered: perSecond,
  perSecond,
  failures: 0,
  firstFailure: null,
  totalMs: distributionOf([milliseconds]),
  firstByteMs: distributionOf([milliseconds]),
  gapMs: distributionOf([milliseconds]),
  cpuMicrosPerRequest: 1_000_000 / perSecond,
  busy: 1,
  rssMb: 100,
});

/** Of a contender with so many requests a second, half as many streams, and this time for each. */
export function figuresAt(perSecond: number, milliseconds = 1, streams = true): Figures {
  const measured = measuredAt(perSecond, milliseconds);
  const streamed = streams ? measuredAt(perSecond / 2, milliseconds) : null;
  return {
    full: measured,
    tenth: measured,
    single: measured,
    streams: streamed,
    singleStream: streamed,
    spansPerRequest: 3,
    recordsPerRequest: 1,
    streamProblem: streams ? null : "It does not stream",
  };
}
