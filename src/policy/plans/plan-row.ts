import type { EvidenceRow } from "../../records/index.ts";

/** A request of the evidence, and how many like it it stands for where not all were kept. */
export interface PlanRow extends EvidenceRow {
  /** Absent: itself alone. */
  standsFor?: number;
}

export const weightOf = ({ standsFor }: PlanRow): number => standsFor ?? 1;

export const countOf = (rows: readonly PlanRow[]): number =>
  rows.reduce((sum, row) => sum + weightOf(row), 0);

/**
 * Rows that may be counted one by one: as many as tell as much as the weighed ones do, each as often as its
 * weight is due. Without weights, and where they are no more than `most`, they are the rows themselves.
 *
 * @param rows in the order of time, through which the sample is spread evenly
 */
export function representative(rows: readonly PlanRow[], most = Infinity): readonly PlanRow[] {
  const total = countOf(rows);
  const squares = rows.reduce((sum, row) => sum + weightOf(row) ** 2, 0);
  const wanted = Math.floor(Math.min(most, total === 0 ? 0 : total ** 2 / squares));
  if (wanted === total) return rows;
  const step = total / wanted;
  let due = step / 2;
  let passed = 0;
  return rows.flatMap((row) => {
    passed += weightOf(row);
    const times = Math.max(0, Math.ceil((passed - due) / step));
    due += times * step;
    return Array.from({ length: times }, () => row);
  });
}
