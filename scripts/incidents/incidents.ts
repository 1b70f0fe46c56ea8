import type { Fault } from "../../src/simulators/index.ts";
import { models } from "../../test/support/local-resources.ts";
import type { Stage } from "./stage.ts";
import { backends, type Route } from "./world.ts";

/** Takes an incident back. */
type Heal = () => Promise<void>;

export interface Incident {
  name: string;
  /** In words, for who watches. */
  happens: string;
  /** The alert that has to tell of it, and what one of its labels has to name. */
  alert: string;
  names: string | undefined;
  /** The route whose clients may notice. */
  route: Route;
  /** What else an alert may name that comes of it. */
  touches: readonly string[];
  withinSeconds: number;
  /** So soon the alert must be gone after the incident; undefined: its windows are too long to wait for that. */
  goneWithinSeconds: number | undefined;
  inject: (stage: Stage) => Promise<Heal>;
}

const fault =
  (order: Fault): Incident["inject"] =>
  async (stage) => {
    const id = await stage.order(order);
    return () => stage.lift(id);
  };

/** What a page of the fast tier may take. */
const fastSeconds = 120;
/** Alerts stay for five minutes when their cause is gone, so that they do not flap. */
const goneSeconds = 480;

export const backendSlow: Incident = {
  name: "backend_slow",
  happens: "haiku begins each answer 3 s later",
  alert: "SwitchyardBackendSlow",
  names: "haiku",
  route: "assistant",
  touches: ["assistant", ...backends.assistant],
  withinSeconds: fastSeconds,
  goneWithinSeconds: goneSeconds,
  inject: fault({ model: models.haiku, kind: "slow-first-token", delayMs: 3_000 }),
};

export const serverErrors: Incident = {
  name: "server_errors",
  happens: "a fifth of lite's calls end in a 500",
  alert: "SwitchyardBackendFailing",
  names: "lite",
  route: "support",
  touches: ["support", ...backends.support],
  withinSeconds: fastSeconds,
  goneWithinSeconds: goneSeconds,
  inject: fault({ model: models.lite, kind: "internal-error", share: 20 }),
};

export const throttling: Incident = {
  name: "throttling",
  happens: "four of five calls of gpt-oss are throttled",
  alert: "SwitchyardBackendThrottled",
  names: "gpt-oss",
  route: "reports",
  touches: ["reports", ...backends.reports],
  withinSeconds: fastSeconds,
  goneWithinSeconds: goneSeconds,
  inject: fault({ model: models["gpt-oss"], kind: "throttling", share: 80 }),
};

export const qualityDrop: Incident = {
  name: "quality_drop",
  happens: "micro loses 40 hundredths of its skill",
  alert: "SwitchyardQualityArmLow",
  names: "answers",
  route: "answers",
  touches: ["answers", ...backends.answers],
  withinSeconds: 900,
  goneWithinSeconds: undefined,
  inject: fault({ model: models.micro, kind: "less-skill", skillDrop: 40 }),
};

export const staleTable: Incident = {
  name: "stale_table",
  happens: "the routers can no longer read what they serve",
  alert: "SwitchyardTableStale",
  names: undefined,
  route: "assistant",
  touches: [],
  withinSeconds: 420,
  goneWithinSeconds: goneSeconds,
  inject: async (stage) => {
    await stage.hideSource();
    return stage.showSource;
  },
};

const wordsOfReport = 5_000;

export const budgetNearlySpent: Incident = {
  name: "budget_95",
  happens: "reports-team spends 95 % of its month's tokens, by a burst of long requests",
  alert: "SwitchyardBudgetNearlySpent",
  names: "reports-team",
  route: "reports",
  touches: ["reports-team"],
  withinSeconds: 300,
  goneWithinSeconds: goneSeconds,
  inject: async (stage) => {
    const isSpent = async () =>
      (await stage.sharesSpent("reports-team")).every((share) => share >= 0.95);
    await stage.traffic.burst("reports-team", "reports", wordsOfReport, isSpent);
    return () => stage.raiseBudget("reports-team");
  },
};
