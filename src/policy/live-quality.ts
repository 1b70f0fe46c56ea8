import type { EvidenceRow } from "../records/index.ts";
import { keptOf, type GroupQuality } from "./group-quality.ts";
import { errorOf, ReliabilitySums, type ReliabilityBin } from "./measures.ts";

/** What live traffic came to on one route, for one tenant, or over all. */
export interface LiveGroup {
  name: string;
  /** Served for clients: neither shadows nor replays of golden sets. */
  requests: number;
  costUsd: number;
  /** Shadows and judges: what measuring cost beside it. */
  measuringUsd: number;
  /** Share of the baseline's cost, measuring charged; null where that is known of no request. */
  saved: number | null;
  /** Of answers of any backend. */
  labels: number;
  /** Mean score of the labels of answers that clients got; null where there are none. */
  correct: number | null;
  /** Of requests whose own answer and whose baseline's were both labelled; null where there are too few. */
  kept: (GroupQuality["kept"] & { pairs: number }) | null;
  calibrationError: number | null;
}

export interface LiveQuality {
  total: LiveGroup;
  routes: readonly LiveGroup[];
  /** Of callers without one: "-". */
  tenants: readonly LiveGroup[];
  /** Of all labels: what was said of the answers that they judge. */
  reliability: readonly ReliabilityBin[];
}

/** Fewer pairs make no ratio. */
const fewestPairs = 10;

/** Sums up what records and labels say of a group's live traffic; any number of rows may come. */
export class LiveQualitySums {
  readonly #baselineOf: (route: string) => string | undefined;
  readonly #total = emptySums();
  readonly #routes = new Map<string, GroupSums>();
  readonly #tenants = new Map<string, GroupSums>();

  /** @param baselineOf the backend that a route's quality is measured against */
  constructor(baselineOf: (route: string) => string | undefined) {
    this.#baselineOf = baselineOf;
  }

  add(row: EvidenceRow): void {
    const baseline = this.#baselineOf(row.route);
    addRow(this.#total, row, baseline);
    addRow(sumsIn(this.#routes, row.route), row, baseline);
    addRow(sumsIn(this.#tenants, row.tenant ?? "-"), row, baseline);
  }

  report(): LiveQuality {
    const groups = (from: ReadonlyMap<string, GroupSums>): LiveGroup[] =>
      [...from]
        .map(([name, sums]) => groupOf(name, sums))
        .toSorted((left, right) => (left.name < right.name ? -1 : 1));
    return {
      total: groupOf("all", this.#total),
      routes: groups(this.#routes),
      tenants: groups(this.#tenants),
      reliability: this.#total.said.bins(),
    };
  }
}

interface GroupSums {
  requests: number;
  costUsd: number;
  measuringUsd: number;
  /** Of the requests whose baseline's cost is known. */
  comparedUsd: number;
  baselineUsd: number;
  labels: number;
  correct: { count: number; sum: number };
  pairs: { correct: number; strongest: number }[];
  said: ReliabilitySums;
}

function emptySums(): GroupSums {
  return {
    requests: 0,
    costUsd: 0,
    measuringUsd: 0,
    comparedUsd: 0,
    baselineUsd: 0,
    labels: 0,
    correct: { count: 0, sum: 0 },
    pairs: [],
    said: new ReliabilitySums(),
  };
}

function sumsIn(groups: Map<string, GroupSums>, name: string): GroupSums {
  const found = groups.get(name) ?? emptySums();
  groups.set(name, found);
  return found;
}

function addRow(sums: GroupSums, row: EvidenceRow, baseline: string | undefined): void {
  const isTraffic = row.arm === null || row.arm === "control";
  // Each call to a judge has a record of its own, also where no label came of it.
  if (isTraffic) addCosts(sums, row);
  else sums.measuringUsd += row.costUsd;
  addLabels(sums, row);
  if (isTraffic) addServed(sums, row, baseline);
}

function addCosts(sums: GroupSums, { costUsd, baselineCostUsd }: EvidenceRow): void {
  sums.requests += 1;
  sums.costUsd += costUsd;
  if (baselineCostUsd === null) return;
  sums.comparedUsd += costUsd;
  sums.baselineUsd += baselineCostUsd;
}

function addLabels(sums: GroupSums, { labels, options }: EvidenceRow): void {
  for (const { backend, score } of labels) {
    sums.labels += 1;
    const p = options.find((each) => each.backend === backend)?.p ?? null;
    if (p !== null) sums.said.add(p, score);
  }
}

function addServed(sums: GroupSums, row: EvidenceRow, baseline: string | undefined): void {
  const own = scoreOf(row, row.chosen);
  if (own === undefined) return;
  sums.correct.count += 1;
  sums.correct.sum += own;
  const strongest = baseline === undefined ? undefined : scoreOf(row, baseline);
  if (strongest !== undefined) sums.pairs.push({ correct: own, strongest });
}

/** The mean of all labels of the backend's answer to the request. */
function scoreOf({ labels }: EvidenceRow, backend: string | null): number | undefined {
  const own = labels.filter((each) => each.backend === backend);
  if (own.length === 0) return undefined;
  return own.reduce((sum, { score }) => sum + score, 0) / own.length;
}

function groupOf(name: string, sums: GroupSums): LiveGroup {
  const { requests, costUsd, measuringUsd, comparedUsd, baselineUsd, labels, correct } = sums;
  const pairs = sums.pairs.length;
  const isMeasured = pairs >= fewestPairs && sums.pairs.some(({ strongest }) => strongest > 0);
  const bins = sums.said.bins();
  return {
    name,
    requests,
    costUsd,
    measuringUsd,
    saved: baselineUsd > 0 ? 1 - (comparedUsd + measuringUsd) / baselineUsd : null,
    labels,
    correct: correct.count > 0 ? correct.sum / correct.count : null,
    kept: isMeasured ? { ...keptOf(sums.pairs), pairs } : null,
    calibrationError: bins.length > 0 ? errorOf(bins) : null,
  };
}
