import { markup, type Markup } from "../../lib/index.ts";
import { round, scaleOf } from "../../pages/index.ts";

export interface Interval {
  name: string;
  estimate: number;
  lower: number;
  upper: number;
  told: string;
}

export interface IntervalChart {
  id: string;
  title: string;
  description: string;
  intervals: readonly Interval[];
  /** What all are to reach: drawn as a line. */
  mark: number;
  label: string;
}

const rowHeight = 20;
const [left, right, width] = [126, 408, 420] as const;
const longestName = 18;

/** A line for each, from its lower end to its upper, with a dot at the estimate. */
export function intervalChart(drawing: IntervalChart): Markup {
  const { id, title, description, intervals, mark, label } = drawing;
  const bottom = 10 + intervals.length * rowHeight;
  const x = scaleOf(reach(intervals, mark), [left, right], 0.1);
  const rows = intervals.map((each, place) => {
    const middle = 20 + place * rowHeight;
    return markup`<text class="tick" x="${left - 6}" y="${middle + 4}" text-anchor="end">${shortened(each.name)}</text><g><title>${each.told}</title><line class="whisker" x1="${x.place(each.lower)}" x2="${x.place(each.upper)}" y1="${middle}" y2="${middle}"/><circle class="mark look-${lookOf(each, mark).look}" cx="${x.place(each.estimate)}" cy="${middle}" r="4"/></g>`;
  });
  return markup`<svg class="chart" viewBox="0 0 ${width} ${bottom + 40}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
${x.ticks.map((tick) => markup`<line class="grid" x1="${x.place(tick)}" x2="${x.place(tick)}" y1="8" y2="${bottom}"/><text class="tick" x="${x.place(tick)}" y="${bottom + 14}" text-anchor="middle">${Math.round(100 * tick)}</text>`)}
<line class="floor" x1="${x.place(mark)}" x2="${x.place(mark)}" y1="8" y2="${bottom}"/>
${rows}
<text class="axis" x="${(left + right) / 2}" y="${bottom + 32}" text-anchor="middle">${label}</text>
</svg>
<ul class="legend">${Object.values(looks).map(legendOf)}</ul>`;
}

const looks = {
  above: { look: 5, name: "surely above the line" },
  across: { look: 4, name: "may be on either side" },
  below: { look: 6, name: "surely below" },
} as const;

type Look = (typeof looks)[keyof typeof looks];

function lookOf({ lower, upper }: Interval, mark: number): Look {
  if (lower >= mark) return looks.above;
  return upper < mark ? looks.below : looks.across;
}

function legendOf({ look, name }: Look): Markup {
  return markup`<li><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><circle class="mark look-${look}" cx="6" cy="6" r="4"/></svg> ${name}</li>`;
}

/** All of them and the mark, to the next tenth. */
function reach(intervals: readonly Interval[], mark: number): [number, number] {
  const least = Math.min(mark, ...intervals.map(({ lower }) => lower));
  const most = Math.max(mark, 1, ...intervals.map(({ upper }) => upper));
  return [round(Math.floor(least * 10) / 10), round(Math.ceil(most * 10) / 10)];
}

const shortened = (name: string): string =>
  name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
