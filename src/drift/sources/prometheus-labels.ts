import type { AccuracyLabel, Window } from "../series.ts";
import { orderedLabels } from "./ordered-labels.ts";
import { keyOf } from "./prometheus-keys.ts";
import { counterQuery, label } from "./prometheus-queries.ts";
import type { Asking } from "./prometheus-asking.ts";

/** Labels of so long a time are told together, at its middle. */
const pieceMs = 21_600_000;

const scores: ReadonlyMap<string, number> = new Map([
  ["right", 1],
  ["partly", 0.5],
  ["wrong", 0],
]);

const sources = ["golden", "shadow", "feedback"] as const;

/**
 * As many labels as were counted. Metrics do not tell which prompt was judged, so none is paired with the baseline's,
 * nor of which request a client's feedback was, so it has no backend and is left out.
 */
export async function labelsOf(
  { client, scope, matchers, signal }: Asking,
  { from, to }: Window,
): Promise<AccuracyLabel[]> {
  const length = Math.min(pieceMs, to - from);
  const pieces = Math.max(1, Math.floor((to - from) / length));
  const ordered = orderedLabels(scope);
  const by = [label.route, label.backend, label.source, label.verdict];
  for (const each of matchers) {
    const window = { from: to - length, to };
    const found = await client.queryRange(
      counterQuery("switchyard_labels_total", { by, matchers: each, window }),
      { from: to - (pieces - 1) * length, to, stepMs: length, signal },
    );
    for (const series of found) {
      const key = keyOf(series);
      const score = scores.get(series.labels[label.verdict] ?? "");
      const source = sources.find((one) => one === series.labels[label.source]);
      if (key === null || score === undefined || source === undefined) continue;
      for (const ts of timesOf(series.points, length))
        ordered.add({ key, ts, score, source, promptId: "" });
    }
  }
  return ordered.labels();
}

/** What is left of a count when whole labels are taken goes on to the next. */
function timesOf(points: readonly { at: number; value: number }[], length: number): number[] {
  let owed = 0;
  return points.flatMap(({ at, value }) => {
    owed += Number.isFinite(value) && value > 0 ? value : 0;
    const whole = Math.min(Math.floor(owed + 1e-6), mostAtOnce);
    owed -= whole;
    return Array.from({ length: whole }, () => at - length / 2);
  });
}

/** A count that no router came to: nothing is made of more. */
const mostAtOnce = 100_000;
