import type { RequestRecord } from "../../records/index.ts";
import type { RoutingTable } from "../../table/index.ts";
import { chosenIn } from "./recorded-request.ts";
import { redecide, type Redecided, type Unplayable } from "./redecide.ts";
import type { ReplayBasis } from "./replay-basis.ts";
import {
  addRequest,
  emptyRoute,
  groupOf,
  type ReplayedGroup,
  type RouteSums,
} from "./route-sums.ts";

export interface ReplayReport {
  total: ReplayedGroup;
  /** By route. */
  routes: Record<string, ReplayedGroup>;
  /** Requests that could not be replayed, by why. */
  left: Record<Unplayable | "measuring" | "unserved", number>;
  /**
   * Requests that follow a plan with a prior of the route, and were judged under another plan or none: what
   * the classifier says with that prior takes texts, and what it said then is taken for it.
   */
  otherPrior: number;
  /** Requests that went to the baseline because accuracy had drifted, which no replay knows of: they are replayed without that. */
  pinned: number;
  /** Backends among the choices of whose prices then the records tell nothing. */
  unpriced: readonly string[];
}

/** Replays records one by one and keeps sums alone: any number of them may come. */
export class Replay {
  readonly #table: RoutingTable;
  readonly #basis: ReplayBasis;
  readonly #routes = new Map<string, RouteSums>();
  #otherPrior = 0;
  #pinned = 0;
  readonly #left = {
    no_route: 0,
    no_estimates: 0,
    no_candidate: 0,
    no_measure: 0,
    measuring: 0,
    unserved: 0,
  };

  /** @param basis to which all records have been added */
  constructor(table: RoutingTable, basis: ReplayBasis) {
    this.#table = table;
    this.#basis = basis;
  }

  add(record: RequestRecord): void {
    const unplayable = this.#replay(record);
    if (unplayable !== undefined) this.#left[unplayable] += 1;
  }

  report(): ReplayReport {
    const routes = [...this.#routes].toSorted(([left], [right]) => (left < right ? -1 : 1));
    const group = (some: typeof routes): ReplayedGroup => groupOf(some, this.#table, this.#basis);
    const chosen = new Set(routes.flatMap(([, { replayed }]) => [...replayed.backends.keys()]));
    return {
      total: group(routes),
      routes: Object.fromEntries(routes.map((each) => [each[0], group([each])])),
      left: { ...this.#left },
      otherPrior: this.#otherPrior,
      pinned: this.#pinned,
      unpriced: [...chosen].filter((backend) => !this.#basis.hasPrice(backend)).toSorted(),
    };
  }

  #replay(record: RequestRecord): keyof ReplayReport["left"] | undefined {
    if (!isTraffic(record)) return "measuring";
    const chosen = chosenIn(record);
    if (chosen === null) return "unserved";
    const redecided = redecide(record, this.#table, this.#basis);
    if (typeof redecided === "string") return redecided;
    this.#addUp(record, chosen, redecided);
    return undefined;
  }

  #addUp(record: RequestRecord, chosen: string, redecided: Redecided): void {
    const name = record.route ?? "";
    const sums = this.#routes.get(name) ?? emptyRoute();
    this.#routes.set(name, sums);
    const baseline = this.#table.routes[name]?.baseline ?? "";
    addRequest(sums, { record, chosen, redecided, baseline }, this.#basis);
    if (isJudgedOtherwise(record, redecided)) this.#otherPrior += 1;
    if (record.choice_reason === "pinned") this.#pinned += 1;
  }
}

const isTraffic = ({ arm }: RequestRecord): boolean => arm === null || arm === "control";

function isJudgedOtherwise({ plan_digest: digest }: RequestRecord, { plan }: Redecided): boolean {
  return plan?.plan.prior !== undefined && plan.plan.digest !== digest;
}
