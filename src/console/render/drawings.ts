import { markup, type Markup } from "../../lib/index.ts";

const width = 120;
const height = 24;
const margin = 1.5;

/** A course over time, without axes: its highest value stands beside it in words. Gaps are gaps. */
export function sparkline(
  values: readonly (number | null)[],
  label: string,
  marked: readonly number[] = [],
): Markup {
  const most = Math.max(...values.map((each) => each ?? 0), 0);
  if (values.length < 2 || most === 0) return markup``;
  const step = width / (values.length - 1);
  const x = (index: number): string => (index * step).toFixed(1);
  const y = (value: number): string =>
    (height - margin - (value / most) * (height - 2 * margin)).toFixed(1);
  const lines = runs(values).map((run) =>
    run.length === 1
      ? run.map(([index, value]) => markup`<circle cx="${x(index)}" cy="${y(value)}" r="1.5" />`)
      : markup`<polyline points="${run.map(([index, value]) => `${x(index)},${y(value)}`).join(" ")}" />`,
  );
  const marks = marked.flatMap((value, index) =>
    value > 0
      ? [
          markup`<line class="bad" x1="${x(index)}" x2="${x(index)}" y1="${height}" y2="${y(Math.min(value, most))}" />`,
        ]
      : [],
  );
  return markup`<svg class="spark" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">${marks}${lines}</svg>`;
}

/** Neighbours that are there, with their places. */
function runs(values: readonly (number | null)[]): [number, number][][] {
  const found: [number, number][][] = [];
  let run: [number, number][] = [];
  for (const [index, value] of values.entries()) {
    if (value !== null) run.push([index, value]);
    else if (run.length > 0) {
      found.push(run);
      run = [];
    }
  }
  if (run.length > 0) found.push(run);
  return found;
}

/** How much of something is used: 0 to 1; what is beyond fills it. */
export function bar(share: number, label: string): Markup {
  const filled = (Math.min(1, Math.max(0, share)) * 100).toFixed(1);
  const tone = share >= 1 ? "urgent" : share >= 0.9 ? "warning" : "good";
  return markup`<svg class="bar ${tone}" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="rest" width="100" height="8" /><rect width="${filled}" height="8" /></svg>`;
}

interface Stretch {
  startMs: number;
  ms: number;
  firstTokenMs: number | null;
  look: "good" | "urgent" | "quiet";
}

/** A stretch of time within a whole, with a mark where its first token came. */
export function stretch({ startMs, ms, firstTokenMs, look }: Stretch, wholeMs: number): Markup {
  const scale = 1_000 / Math.max(wholeMs, 1);
  const x = (time: number): string => Math.min(1_000, time * scale).toFixed(1);
  const length = Math.max(4, Math.min(1_000, ms * scale)).toFixed(1);
  const tick =
    firstTokenMs === null
      ? ""
      : markup`<line x1="${x(startMs + firstTokenMs)}" x2="${x(startMs + firstTokenMs)}" y1="0" y2="16" />`;
  return markup`<svg class="stretch ${look}" viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true"><rect class="rest" width="1000" height="16" /><rect class="time" x="${x(startMs)}" y="3" width="${length}" height="10" />${tick}</svg>`;
}
