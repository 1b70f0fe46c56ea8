import { createHash } from "node:crypto";
import type { EvidenceRow } from "../../records/index.ts";
import type { PlanRow } from "./plan-row.ts";
import { RowGroups } from "./row-groups.ts";
import { isTraffic } from "./scored-row.ts";

export interface SampleBounds {
  /** Compared answers: the newest of each route and tenant, and over all of them. */
  labelled: { each: number; all: number };
  /** Other requests: of each stratum, and over all of them. */
  others: { each: number; all: number };
}

const sampleBounds: SampleBounds = {
  labelled: { each: 20_000, all: 100_000 },
  others: { each: 4_000, all: 50_000 },
};

const hour = 3_600_000;

/**
 * Evidence of any length in bounded memory. Rows whose answers were compared all stay, the newest where
 * they are too many. Of the others a draw stays that does not look at what they are: those with the least
 * hash of their prompt's id within their route, tenant, arm, plan and age. Each stands for as many as its stratum's draw
 * left out, so that sums and means over them are unbiased. The same rows give the same sample, in whatever
 * order they come.
 */
export class RowSample {
  readonly #now: number;
  readonly #labelled: RowGroups;
  readonly #others: RowGroups;
  /** One string for each name, where every row that is read brings its own. */
  readonly #names = new Map<unknown, string>();

  /** @param now milliseconds since the epoch, to tell ages by */
  constructor(now: number, bounds = sampleBounds) {
    this.#now = now;
    this.#others = new RowGroups(bounds.others);
    this.#labelled = new RowGroups(bounds.labelled, (row) => {
      this.#addOther({ ...row, labels: row.labels.filter(({ source }) => source === "feedback") });
    });
  }

  add(row: EvidenceRow): void {
    if (!row.labels.some(({ source }) => source !== "feedback")) this.#addOther(row);
    else this.#labelled.add(`${row.route}/${row.tenant ?? ""}`, this.#lean(row), -row.ts);
  }

  rows(): PlanRow[] {
    // First: what does not stay among the labelled is drawn from like the others.
    const labelled = [...this.#labelled.groups()].flatMap(({ rows }) => rows);
    const others = [...this.#others.groups()].flatMap(({ rows, seen }) =>
      seen === rows.length ? rows : rows.map((row) => ({ ...row, standsFor: seen / rows.length })),
    );
    return [...labelled, ...others];
  }

  #addOther(row: EvidenceRow): void {
    const { route, tenant, arm, planDigest, ts, promptId } = row;
    // An answer to a golden set that nobody judged says nothing, and is no traffic.
    if (arm === "golden") return;
    // What a newer plan's first hour came to must not be drowned by the month before it.
    const age = Math.floor(Math.log2(1 + Math.max(0, this.#now - ts) / hour));
    const plan = isTraffic(row) ? planDigest : null;
    const stratum = [route, tenant ?? "", arm ?? "", plan ?? "", age].join("/");
    this.#others.add(stratum, this.#lean(row), placeOf(promptId));
  }

  #lean(row: EvidenceRow): EvidenceRow {
    return {
      ...row,
      promptId: row.promptId === row.requestId ? row.requestId : row.promptId,
      route: this.#name(row.route),
      tenant: this.#name(row.tenant),
      chosen: this.#name(row.chosen),
      classifierDigest: this.#name(row.classifierDigest),
      planDigest: this.#name(row.planDigest),
      options: row.options.map((option) => ({ ...option, backend: this.#name(option.backend) })),
      labels: row.labels.map((label) => ({ ...label, backend: this.#name(label.backend) })),
    };
  }

  #name<Name extends string | null>(name: Name): Name {
    if (name === null) return name;
    const known = this.#names.get(name);
    if (known !== undefined) return known as Name;
    this.#names.set(name, name);
    return name;
  }
}

/** 0..1, evenly whatever ids look like. */
function placeOf(id: string): number {
  return createHash("sha256").update(id).digest().readUIntBE(0, 6) / 2 ** 48;
}
