import type { SeriesFinding } from "../finding.ts";
import type { SeriesKey, Signal, Window } from "../series.ts";

/** A finding before the look's other series had their say: its q-value, and so whether it has drifted. */
export interface Judgement {
  finding: Omit<SeriesFinding, "sentence" | "qValue" | "state">;
  /** Whether the series by itself is beyond its threshold. */
  exceeds: boolean;
  /** Whether the newest window had enough in it. */
  isCurrent: boolean;
  /** Why nothing could be judged; null where something was. */
  missing: string | null;
  /** Whether its p-value counts among those of all series. Accuracy's evidence needs no such control. */
  isTested: boolean;
}

export const nothing = (
  key: SeriesKey,
  signal: Signal,
  samples: number,
  missing: string,
): Judgement => ({
  finding: {
    key,
    signal,
    statistic: null,
    category: null,
    score: null,
    threshold: null,
    direction: null,
    samples,
    pValue: null,
    changedAt: null,
    cause: null,
    source: null,
    estimated: false,
    reference: null,
    current: null,
  },
  exceeds: false,
  isCurrent: false,
  missing,
  isTested: false,
});

/** Those of the judged windows that hold something of the time since a change; all of them where it is not dated. */
export const windowsSince = (
  judged: readonly number[],
  windows: readonly Window[],
  changedAt: number | null,
): readonly number[] => {
  const since = judged.filter((index) => (windows[index]?.to ?? 0) > (changedAt ?? 0));
  return since.length > 0 ? since : judged;
};
