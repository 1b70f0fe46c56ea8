import { dataTable, type DataTable, figure } from "../../pages/index.ts";
import { percent } from "../eval-report.ts";
import { intervalChart } from "./interval-chart.ts";
import { markup, type Markup } from "../../lib/index.ts";

export interface GroupsPart {
  id: string;
  /** What the groups are: "route", say. */
  noun: string;
  table: DataTable;
  /** What each kept of the baseline's correct answers, where that is known. */
  kept: readonly { name: string; estimate: number; lower: number; upper: number }[];
  /** Drawn as the line that all are to reach. */
  floor: number;
  /** What the line is, for who does not see it. */
  note: string;
}

/** More lines are no drawing. */
const mostDrawn = 40;

/** A table with a line for each group, beside a drawing of what each kept; nothing where there are no groups. */
export function groupsPart({ id, noun, table, kept, floor, note }: GroupsPart): Markup[] {
  if (table.rows.length === 0) return [];
  const heading = markup`<h3>By ${noun}</h3>`;
  if (kept.length === 0 || kept.length > mostDrawn) return [heading, dataTable(table)];
  const drawing = intervalChart({
    id,
    title: `Correct answers kept by ${noun}`,
    description: `The share of the baseline's correct answers that each kept, with its interval of 95 %, beside ${note}. The table beside holds the figures.`,
    intervals: kept.map((each) => ({
      ...each,
      told: `${each.name}: ${percent(each.estimate)} % kept (${percent(each.lower)} to ${percent(each.upper)})`,
    })),
    mark: floor,
    label: "correct answers kept, % of the baseline's",
  });
  return [heading, figure(drawing, table)];
}
