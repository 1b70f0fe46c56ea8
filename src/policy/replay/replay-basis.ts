import {
  picoFromUsd,
  type EvidenceRow,
  type LedgerLine,
  type RequestRecord,
  type TokenCounts,
} from "../../records/index.ts";
import { costOf, isPaidByTheHour, ownGuardrailCost } from "../../routing/index.ts";
import type { RoutingTable } from "../../table/index.ts";
import { answerIn } from "./recorded-request.ts";

/** A mean with what is needed for its spread. */
export interface Residuals {
  count: number;
  sum: number;
  squares: number;
}

interface CostSums {
  real: number;
  expected: number;
  count: number;
}

/** Answers of one backend from which on its own ratio of real to expected cost is believed. */
const enough = 20;

/**
 * What all records and labels together say of the figures that single requests are replayed with. It is
 * gathered before the first of them is: how far prices have moved since, how real costs compare with
 * expected ones, and how labels with the probabilities that were said.
 */
export class ReplayBasis {
  readonly #table: RoutingTable;
  readonly #prices = new Map<string, { charged: number; priced: number }>();
  readonly #costs = new Map<string, CostSums>();
  readonly #allCosts: CostSums = { real: 0, expected: 0, count: 0 };
  readonly #residuals = new Map<string, Residuals>();

  constructor(table: RoutingTable) {
    this.#table = table;
  }

  add(record: RequestRecord): void {
    const answer = answerIn(record);
    const backend = answer?.backend ?? null;
    if (answer === undefined || backend === null) return;
    this.#addPrice(backend, answer);
    const expected = record.estimates.find((each) => each.backend === backend);
    this.#addCost(backend, record.cost_usd, expected?.expected_cost_usd ?? null);
  }

  #addCost(backend: string, real: number, expected: number | null): void {
    if (expected === null || real === 0) return;
    const own = this.#costs.get(backend) ?? { real: 0, expected: 0, count: 0 };
    for (const sum of [own, this.#allCosts]) {
      sum.real += real;
      sum.expected += expected;
      sum.count += 1;
    }
    this.#costs.set(backend, own);
  }

  /** The labels of a request, beside what was said of the answers that they judge. */
  addEvidence({ route, options, labels }: EvidenceRow): void {
    for (const { backend, score } of labels) {
      const p = options.find((each) => each.backend === backend)?.p ?? null;
      if (p === null) continue;
      const key = residualKey(route, backend);
      const found = this.#residuals.get(key) ?? { count: 0, sum: 0, squares: 0 };
      found.count += 1;
      found.sum += score - p;
      found.squares += (score - p) ** 2;
      this.#residuals.set(key, found);
    }
  }

  /** Today's prices over those of the records, by what answers were charged; 1 of a backend that gave none. */
  priceRatio(backend: string): number {
    const found = this.#prices.get(backend);
    if (found === undefined || found.charged === 0) return 1;
    const ratio = found.priced / found.charged;
    // The records' doubles and the table's whole numbers differ by a rounding.
    return Math.abs(ratio - 1) < 1e-9 ? 1 : ratio;
  }

  hasPrice(backend: string): boolean {
    return this.#prices.has(backend);
  }

  /** What an answer of the backend really costs, over what it is expected to. */
  costRatio(backend: string): number {
    const own = this.#costs.get(backend);
    if (own !== undefined && own.expected > 0 && own.count >= enough) {
      return own.real / own.expected;
    }
    const { real, expected } = this.#allCosts;
    return expected > 0 ? real / expected : 1;
  }

  /** Labels of the backend's answers on a route, less what had been said of them. */
  residuals(route: string, backend: string): Residuals | undefined {
    return this.#residuals.get(residualKey(route, backend));
  }

  /**
   * What the tokens of the record's answer cost at another backend, at the table's prices and with its own
   * guardrail: what routers compare with a baseline by. Undefined where nobody knows.
   */
  usdOf(record: RequestRecord, backend: string): number | undefined {
    const tokens = answerIn(record)?.tokens ?? null;
    const pico = this.#picoOf(tokens, backend);
    const entry = this.#table.backends[backend];
    if (pico === undefined || tokens === null || entry === undefined) return undefined;
    return (pico + ownGuardrailCost(entry, billedTokens(tokens))) / 1e12;
  }

  #addPrice(backend: string, { tokens, cost_usd, basis }: LedgerLine): void {
    const pico = basis === "metered" ? this.#picoOf(tokens, backend) : undefined;
    if (pico === undefined) return;
    const found = this.#prices.get(backend) ?? { charged: 0, priced: 0 };
    found.charged += picoFromUsd(cost_usd);
    found.priced += pico;
    this.#prices.set(backend, found);
  }

  #picoOf(tokens: LedgerLine["tokens"], backend: string): number | undefined {
    const { backends } = this.#table;
    const entry = Object.hasOwn(backends, backend) ? backends[backend] : undefined;
    if (entry === undefined || tokens === null || isPaidByTheHour(entry.prices)) return undefined;
    return costOf(billedTokens(tokens), entry, 0);
  }
}

const billedTokens = (tokens: TokenCounts) => ({
  input: tokens.in,
  output: tokens.out,
  cacheRead: tokens.cache_read,
  cacheWrite5m: tokens.cache_write - tokens.cache_write_1h,
  cacheWrite1h: tokens.cache_write_1h,
});

const residualKey = (route: string, backend: string): string => JSON.stringify([route, backend]);
