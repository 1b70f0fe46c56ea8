import { randomBytes } from "node:crypto";
import type { Clock } from "../../lib/index.ts";
import type { RoutingTable, TenantEntry } from "../../table/index.ts";
import type { LimitsReading } from "../../telemetry/index.ts";
import { WindowCalendar } from "./calendar-window.ts";
import type {
  Claim,
  ClaimReply,
  Amounts,
  BudgetCheck,
  Counted,
  LimitStore,
  WindowOfBudget,
} from "./limit-store.ts";
import { BudgetReadings } from "./budget-readings.ts";
import { planOf, type TenantPlan } from "./tenant-plan.ts";

/** Who asks. */
export interface Asker {
  namespace: string;
  tenant: TenantEntry;
}

/** What an attempt is expected to use. */
export interface Expected {
  amounts: Amounts;
  /** Of the cheapest candidate; asked for only where a budget may have it called instead. Null: none may be. */
  cheapest: (() => Amounts) | null;
  /** How long the attempt may last at most. */
  leaseMs: number;
}

export type Verdict = { kind: "uncounted" } | JudgedVerdict;

export interface JudgedVerdict extends Omit<Counted, "kind"> {
  kind: "judged";
  /** Of the plan's budgets. */
  windows: readonly WindowOfBudget[];
}

/** Budget held for an attempt until it settles. */
export interface Reservation {
  /** Books what was used in its place, whenever and how often it is called: only the first counts. */
  settle: (amounts: Amounts) => void;
  /** Books what its request has used beside all attempts; once. */
  spend: (amounts: Amounts) => void;
  /** The request that began with this attempt has ended. */
  release: () => void;
}

export interface Reserved {
  plan: TenantPlan;
  verdict: Verdict;
  /** Null where the verdict refuses. */
  reservation: Reservation | null;
}

/** By the store's clock a window may end while it is asked, once; more is a fault. */
const mostTries = 3;

/** Counts what tenants use, in a store. */
export class TenantLimits {
  readonly #store: LimitStore;
  readonly #calendar = new WindowCalendar();
  readonly #readings: BudgetReadings;
  readonly #ids = randomBytes(9).toString("base64url");
  #count = 0;
  #open = 0;

  constructor(store: LimitStore, clock: Clock) {
    this.#store = store;
    this.#readings = new BudgetReadings(clock);
  }

  /** How things stand, as this router has last seen it. */
  reading(): Omit<LimitsReading, "store"> {
    return { budgets: this.#readings.current(), reservations: this.#open };
  }

  /** Forgets what a newly loaded table no longer holds. */
  retain({ tenants }: Pick<RoutingTable, "tenants">): void {
    this.#readings.retain(tenants);
  }

  /** Whether the tenant has limits at all; most have none, and nothing need be reckoned for these. */
  concern(tenant: TenantEntry): boolean {
    return planOf(tenant) !== null;
  }

  /**
   * Holds an attempt against its tenant's limits, and reserves what it is expected to use.
   *
   * @param first whether it is its request's first attempt, which requests and concurrency are counted by
   * @returns null for a tenant without limits; a promise only where the store has to be waited for
   */
  reserve(asker: Asker, expected: Expected, first: boolean): Reserved | null | Promise<Reserved> {
    const plan = planOf(asker.tenant);
    if (plan === null) return null;
    this.#count += 1;
    const attempt = `${this.#ids}${this.#count.toString(36)}`;
    const order = () => this.#claim(attempt, asker, { plan, expected, first });
    return this.#ask(order, 1, (claim, reply) => this.#reserved(asker, plan, claim, reply));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #ask(
    order: () => Claim,
    tries: number,
    judge: (claim: Claim, reply: ClaimReply) => Reserved,
  ): Reserved | Promise<Reserved> {
    const claim = order();
    const read = (reply: ClaimReply) =>
      reply.kind === "moved" && tries < mostTries
        ? this.#ask(order, tries + 1, judge)
        : judge(claim, reply);
    const reply = this.#store.admit(claim);
    return reply instanceof Promise ? reply.then(read) : read(reply);
  }

  #claim(
    attempt: string,
    { namespace, tenant }: Asker,
    { plan, expected, first }: { plan: TenantPlan; expected: Expected; first: boolean },
  ): Claim {
    const now = this.#store.now();
    const budgets = plan.budgets.map(({ id, unit, limit, mode, entry }): BudgetCheck => {
      const { startsAt, endsAt } = this.#calendar.at(entry, now);
      return { id, unit, startsAt, endsAt, mode, limit };
    });
    return {
      tenant: `${namespace}/${tenant.name}`,
      attempt,
      amounts: expected.amounts,
      cheapest: plan.downgrades ? (expected.cheapest?.() ?? null) : null,
      budgets,
      requests: first ? plan.requests : null,
      tokens: plan.tokens,
      concurrent: first ? plan.concurrent : null,
      leaseMs: expected.leaseMs,
    };
  }

  #reserved({ tenant }: Asker, plan: TenantPlan, claim: Claim, reply: ClaimReply): Reserved {
    if (reply.kind !== "counted") {
      const mayBeHeld = reply.kind === "unavailable" && reply.asked;
      const reservation = this.#reservation(claim, mayBeHeld);
      return { plan, verdict: { kind: "uncounted" }, reservation };
    }
    this.#readings.note(tenant.name, plan, claim.budgets, reply.used);
    const reservation = reply.refusedBy === null ? this.#reservation(claim, true) : null;
    return { plan, verdict: { ...reply, kind: "judged", windows: claim.budgets }, reservation };
  }

  /** @param mayBeHeld whether the store may know of it: else there is nothing to be given back */
  #reservation(
    { tenant, attempt, budgets, tokens, concurrent }: Claim,
    mayBeHeld: boolean,
  ): Reservation {
    const tokensPerMinute = tokens?.max ?? null;
    let settled = false;
    this.#open += 1;
    return {
      settle: (amounts) => {
        if (settled) return;
        settled = true;
        this.#open -= 1;
        // Requests and places are not given back by what was used.
        if (budgets.length === 0 && tokens === null) return;
        // What was refused while the store was away would only stand before what it has to hear.
        if (!mayBeHeld && amounts.nanoUsd === 0 && amounts.tokens === 0) return;
        this.#store.settle({ tenant, attempt, amounts, windows: budgets, tokensPerMinute });
      },
      spend: (amounts) => {
        const beside = `${attempt}+`;
        this.#store.settle({ tenant, attempt: beside, amounts, windows: budgets, tokensPerMinute });
      },
      release: () => {
        if (mayBeHeld && concurrent !== null) this.#store.release(tenant, attempt);
      },
    };
  }
}
