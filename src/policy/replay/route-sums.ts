import type { RequestRecord } from "../../records/index.ts";
import type { RoutingTable } from "../../table/index.ts";
import { answerIn, optionsOf } from "./recorded-request.ts";
import type { Redecided, Way } from "./redecide.ts";
import type { ReplayBasis } from "./replay-basis.ts";
import {
  addWays,
  bump,
  emptySide,
  keptOf,
  usdOf,
  type ExpectedKept,
  type KeptPart,
  type SideSums,
} from "./side-sums.ts";

/** What one of the two policies came to. */
export interface ReplayedSide {
  costUsd: number;
  /** Share of the baseline's cost; null where that is not known. */
  saved: number | null;
  kept: ExpectedKept | null;
  /** Share of the requests by backend. */
  backends: Record<string, number>;
  /** Shares of the requests. */
  envelopeMissed: number;
  certified: number;
  baseline: number;
}

export interface ReplayedGroup {
  requests: number;
  recorded: ReplayedSide;
  replayed: ReplayedSide;
  /** Requests that another backend than then would get, or might. */
  changed: number;
  /** By the reason of the choice: requests. */
  reasons: Record<string, number>;
  /**
   * Requests with candidates that were none when they were recorded, of whose answers nothing can be said;
   * and between which bounds the cost lies, whatever would have become of them.
   */
  unknown: { requests: number; costUsd: { lower: number; upper: number } };
}

export interface RouteSums {
  recorded: SideSums;
  replayed: SideSums;
  baselineUsd: number;
  /** At the table's prices. */
  baselineNowUsd: number;
  /** Requests of which the baseline's cost is known. */
  compared: number;
  changed: number;
  reasons: Map<string, number>;
  unknown: { requests: number; lessUsd: number; moreUsd: number };
}

/** A request with what became of it, and with what would have. */
export interface ReplayedRequest {
  record: RequestRecord;
  /** The backend that was chosen. */
  chosen: string;
  redecided: Redecided;
  /** Of the route, now. */
  baseline: string;
}

export function addRequest(sums: RouteSums, request: ReplayedRequest, basis: ReplayBasis): void {
  const { record, chosen, redecided, baseline } = request;
  const { ways, reason } = redecided;
  addBothSides(sums, request, basis);
  if (record.baseline_cost_usd !== null) {
    sums.baselineUsd += record.baseline_cost_usd;
    sums.baselineNowUsd +=
      basis.usdOf(record, baseline) ?? record.baseline_cost_usd * basis.priceRatio(baseline);
    sums.compared += 1;
  }
  if (ways.some(({ backend }) => backend !== chosen)) sums.changed += 1;
  bump(sums.reasons, reason, 1);
  if (redecided.unknown.length > 0) addUnknown(sums, request, basis);
}

function addBothSides(
  { recorded, replayed }: RouteSums,
  { record, chosen, redecided, baseline }: ReplayedRequest,
  basis: ReplayBasis,
): void {
  const measured = { name: baseline, p: optionsOf(record).get(baseline)?.p ?? null };
  addWays(recorded, [recordedWay(record, chosen)], () => record.cost_usd, measured);
  if (record.plan?.certified === true) recorded.certified += 1;
  const answered = answerIn(record)?.backend ?? chosen;
  const usd = record.cost_usd * basis.priceRatio(answered);
  const usdFor = (backend: string): number | undefined =>
    backend === chosen ? usd : basis.usdOf(record, backend);
  addWays(replayed, redecided.ways, usdFor, measured);
  const certificate = redecided.plan?.plan.certificate ?? null;
  if (certificate !== null) replayed.certified += 1;
}

/** The tokens of the answer at the prices of those that were no candidates: they may serve it, or not. */
function addUnknown(
  { unknown }: RouteSums,
  { record, redecided }: ReplayedRequest,
  basis: ReplayBasis,
): void {
  const usual = redecided.ways.reduce(
    (sum, each) => sum + each.share * each.expectedUsd * basis.costRatio(each.backend),
    0,
  );
  const others = redecided.unknown.map((backend) => basis.usdOf(record, backend) ?? usual);
  unknown.requests += 1;
  unknown.lessUsd += Math.min(usual, ...others) - usual;
  unknown.moreUsd += Math.max(usual, ...others) - usual;
}

function recordedWay(record: RequestRecord, chosen: string): Way {
  const option = optionsOf(record).get(chosen);
  return {
    backend: chosen,
    share: 1,
    p: option?.p ?? record.confidence ?? 0,
    expectedUsd: option?.expectedUsd ?? record.cost_usd,
    inEnvelope: !record.envelope_missed,
  };
}

export function emptyRoute(): RouteSums {
  return {
    recorded: emptySide(),
    replayed: emptySide(),
    baselineUsd: 0,
    baselineNowUsd: 0,
    compared: 0,
    changed: 0,
    reasons: new Map(),
    unknown: { requests: 0, lessUsd: 0, moreUsd: 0 },
  };
}

/** Some routes as one. */
export function groupOf(
  routes: readonly (readonly [route: string, sums: RouteSums])[],
  table: RoutingTable,
  basis: ReplayBasis,
): ReplayedGroup {
  const sums = routes.map(([, each]) => each);
  const total = (of: (each: RouteSums) => number): number =>
    sums.reduce((sum, each) => sum + of(each), 0);
  const requests = total(({ replayed }) => replayed.requests);
  const isCompared = total(({ compared }) => compared) === requests && requests > 0;
  const side = (name: "recorded" | "replayed", baselineUsd: number): ReplayedSide => {
    const parts: KeptPart[] = routes.map(([route, each]) => ({
      route,
      side: each[name],
      baseline: table.routes[route]?.baseline ?? "",
    }));
    const costUsd = total((each) => usdOf(each[name], (backend) => basis.costRatio(backend)));
    return {
      costUsd,
      saved: isCompared && baselineUsd > 0 ? 1 - costUsd / baselineUsd : null,
      kept: keptOf(parts, (route, backend) => basis.residuals(route, backend)),
      backends: sharesOf(
        sums.map((each) => each[name].backends),
        requests,
      ),
      envelopeMissed: total((each) => each[name].envelopeMissed) / Math.max(1, requests),
      certified: total((each) => each[name].certified) / Math.max(1, requests),
      baseline: total((each) => each[name].baseline) / Math.max(1, requests),
    };
  };
  const replayed = side(
    "replayed",
    total(({ baselineNowUsd }) => baselineNowUsd),
  );
  return {
    requests,
    recorded: side(
      "recorded",
      total(({ baselineUsd }) => baselineUsd),
    ),
    replayed,
    changed: total(({ changed }) => changed),
    reasons: sumsOf(sums.map(({ reasons }) => reasons)),
    unknown: {
      requests: total(({ unknown }) => unknown.requests),
      costUsd: {
        lower: replayed.costUsd + total(({ unknown }) => unknown.lessUsd),
        upper: replayed.costUsd + total(({ unknown }) => unknown.moreUsd),
      },
    },
  };
}

function sumsOf(maps: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of maps.flatMap((each) => [...each])) bump(sums, key, value);
  return Object.fromEntries([...sums].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function sharesOf(
  maps: readonly ReadonlyMap<string, number>[],
  requests: number,
): Record<string, number> {
  const sums = Object.entries(sumsOf(maps));
  return Object.fromEntries(sums.map(([backend, count]) => [backend, count / requests]));
}
