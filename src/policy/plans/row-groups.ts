import type { EvidenceRow } from "../../records/index.ts";

interface Ranked {
  rank: number;
  row: EvidenceRow;
}

interface Group {
  kept: Ranked[];
  /** Rows that have come, kept or not. */
  seen: number;
  /** Those behind it are not among the first. */
  worst: number;
}

/**
 * The first rows of each group by a rank, with a bound for each group and one for all of them: where there
 * are many groups, the bound of each is halved until they fit. A group's first row always stays. Which rows
 * those are depends on the rows alone, and not on the order in which they come.
 */
export class RowGroups {
  readonly #groups = new Map<string, Group>();
  readonly #mostOfAll: number;
  readonly #rejected: (row: EvidenceRow) => void;
  #mostOfEach: number;
  /** Rows that stay by the bounds at hand. */
  #count = 0;

  /** @param rejected is told of each row that does not stay, once */
  constructor(
    { each, all }: { each: number; all: number },
    rejected: (row: EvidenceRow) => void = () => undefined,
  ) {
    this.#mostOfEach = each;
    this.#mostOfAll = all;
    this.#rejected = rejected;
  }

  add(name: string, row: EvidenceRow, rank: number): void {
    const group = this.#groups.get(name) ?? { kept: [], seen: 0, worst: Infinity };
    this.#groups.set(name, group);
    group.seen += 1;
    if (group.seen <= this.#mostOfEach) this.#count += 1;
    if (rank > group.worst) {
      this.#rejected(row);
      return;
    }
    group.kept.push({ rank, row });
    // Now and then: sorting for each row would take long, and waiting for twice as many much memory.
    if (group.kept.length > 1.25 * this.#mostOfEach) this.#trim(group);
    while (this.#count > this.#mostOfAll && this.#mostOfEach > 1) this.#tighten();
  }

  /** By group: its first rows, and how many have come. */
  *groups(): Generator<{ rows: EvidenceRow[]; seen: number }, void, void> {
    for (const group of this.#groups.values()) {
      this.#trim(group);
      yield { rows: group.kept.map(({ row }) => row), seen: group.seen };
    }
  }

  #tighten(): void {
    this.#mostOfEach = Math.floor(this.#mostOfEach / 2);
    this.#count = 0;
    for (const group of this.#groups.values()) {
      this.#trim(group);
      this.#count += group.kept.length;
    }
  }

  #trim(group: Group): void {
    if (group.kept.length <= this.#mostOfEach) return;
    group.kept.sort(byRank);
    for (const { row } of group.kept.splice(this.#mostOfEach)) this.#rejected(row);
    group.worst = group.kept.at(-1)?.rank ?? Infinity;
  }
}

function byRank(left: Ranked, right: Ranked): number {
  if (left.rank !== right.rank) return left.rank - right.rank;
  return left.row.requestId < right.row.requestId ? -1 : 1;
}
