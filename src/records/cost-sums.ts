import type { LedgerLine, RequestRecord } from "./request-record.ts";
import { picoFromUsd } from "./usd.ts";

/** What costs can be summed by. Days and hours are of UTC. */
export const costKeys = [
  "tenant",
  "route",
  "backend",
  "model",
  "kind",
  "key",
  "namespace",
  "day",
  "hour",
] as const;

export type CostKey = (typeof costKeys)[number];

/** Money in whole pico-USD, so that sums are exact at any size. */
export interface CostSum {
  requests: number;
  tokens: { in: number; out: number; cacheRead: number; cacheWrite: number };
  /** Text units of guardrails. */
  units: number;
  cost: bigint;
  /** Those parts of the cost that are no provider's count. */
  estimated: bigint;
  allocated: bigint;
  /** What the baseline would have cost, where a request could be compared; and what such requests cost. */
  baseline: bigint;
  compared: bigint;
}

export interface CostGroup extends CostSum {
  /** In the order of the keys; null where a record does not say. */
  values: readonly (string | null)[];
}

/** More are no report, and would not fit into memory one day. */
const maxGroups = 100_000;

export class TooManyGroups extends Error {}

/** Sums the ledgers of records by some keys. It keeps the sums alone: any number of records may come. */
export class CostSums {
  readonly total: CostSum = emptySum();
  readonly #keys: readonly CostKey[];
  readonly #groups = new Map<string, CostGroup>();

  constructor(keys: readonly CostKey[]) {
    this.#keys = keys;
  }

  /** In no order. */
  get groups(): CostGroup[] {
    return [...this.#groups.values()];
  }

  /** @throws TooManyGroups */
  add(record: RequestRecord): void {
    const { ledger } = record;
    const measures = isMeasuring(record);
    // An answer to a question of a golden set takes nobody's place: there was no baseline to be spared.
    const baseline = measures ? null : record.baseline_cost_usd;
    // What is spent on measuring is taken off what is saved.
    const isCompared = baseline !== null || measures;
    const counted = new Set<CostSum>([this.total]);
    for (const line of ledger) {
      const group = this.#groupOf(record, line);
      counted.add(group);
      for (const sum of [this.total, group]) addLine(sum, line, isCompared);
    }
    if (ledger.length === 0) counted.add(this.#groupOf(record, undefined));
    if (!measures) for (const sum of counted) sum.requests += 1;
    if (baseline !== null) this.#addBaseline(record, baseline);
  }

  /** To the attempt that answered: it is its tokens that the baseline is priced for. */
  #addBaseline(record: RequestRecord, baseline: number): void {
    const { ledger } = record;
    const answer = ledger.find(({ kind }) => kind === "answer") ?? ledger.at(-1);
    for (const sum of [this.total, this.#groupOf(record, answer)])
      sum.baseline += BigInt(picoFromUsd(baseline));
  }

  #groupOf(record: RequestRecord, line: LedgerLine | undefined): CostGroup {
    const values = this.#keys.map((key) => valueOf[key](record, line));
    const id = JSON.stringify(values);
    const found = this.#groups.get(id);
    if (found !== undefined) return found;
    if (this.#groups.size >= maxGroups) throw new TooManyGroups();
    const group = { values, ...emptySum() };
    this.#groups.set(id, group);
    return group;
  }
}

/** Of a call that served nobody: it is no request, and what it cost is its route's, no tenant's. */
const isMeasuring = ({ arm }: RequestRecord): boolean =>
  arm === "shadow" || arm === "judge" || arm === "golden";

type ValueOf = (record: RequestRecord, line: LedgerLine | undefined) => string | null;

const valueOf: Readonly<Record<CostKey, ValueOf>> = {
  tenant: (record) => (isMeasuring(record) ? null : record.tenant),
  route: ({ route }) => route,
  backend: (_record, line) => line?.backend ?? null,
  // What a client sends is free text until a route has been found by it.
  model: ({ route, request_model: model }) => (route === null ? null : model),
  // A replay is served as requests are; only its arm tells that nobody waits for it.
  kind: ({ arm }, line) => (line === undefined ? null : arm === "golden" ? arm : line.kind),
  key: ({ key_id: key }) => key,
  namespace: ({ namespace }) => namespace,
  day: ({ ts }) => ts.slice(0, 10),
  hour: ({ ts }) => `${ts.slice(0, 13)}:00Z`,
};

function emptySum(): CostSum {
  return {
    requests: 0,
    tokens: { in: 0, out: 0, cacheRead: 0, cacheWrite: 0 },
    units: 0,
    cost: 0n,
    estimated: 0n,
    allocated: 0n,
    baseline: 0n,
    compared: 0n,
  };
}

function addLine(
  sum: CostSum,
  { tokens, units, cost_usd, basis }: LedgerLine,
  isCompared: boolean,
) {
  const cost = BigInt(picoFromUsd(cost_usd));
  sum.cost += cost;
  if (basis === "estimated") sum.estimated += cost;
  if (basis === "allocated") sum.allocated += cost;
  if (isCompared) sum.compared += cost;
  sum.units += units ?? 0;
  if (tokens === null) return;
  sum.tokens.in += tokens.in;
  sum.tokens.out += tokens.out;
  sum.tokens.cacheRead += tokens.cache_read;
  sum.tokens.cacheWrite += tokens.cache_write;
}
