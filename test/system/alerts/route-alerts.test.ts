// Alerts on what routes cost and are worth, by stories that promtool plays.
import { describe } from "vitest";
import { counter, gauge, playedWith } from "../../support/alerts/played-series.ts";
import { tellStories, type Story } from "../../support/alerts/promtool-story.ts";

const place = 'namespace="shop",pod="a",switchyard_route="chat"';
const of = { namespace: "shop", switchyard_route: "chat" };
const slowTicket = { ...of, tier: "slow", severity: "ticket" };
const slowly = playedWith(60);
const slow = { stepSeconds: 60, evaluationSeconds: 300 };

describe("SwitchyardFallbackShare", () => {
  const chosen = `switchyard_choices_total{${place},switchyard_reason="cheapest"}`;
  const left = `switchyard_fallbacks_total{${place},switchyard_backend="nova",switchyard_fallback_reason="ServerError"}`;
  tellStories("SwitchyardFallbackShare", [
    {
      what: "writes a ticket where three in ten requests have left their first candidate for half an hour",
      series: { [chosen]: counter([70, 10]), [left]: counter([30, 0], [40, 3]) },
      at: "62m",
      fires: [
        {
          labels: slowTicket,
          summary: "Route chat lives on its fallbacks",
          description:
            "30% of its requests within half an hour left their first candidate (alert from 20 %).",
        },
      ],
    },
    {
      what: "is silent where it is over again",
      series: { [chosen]: counter([70, 10]), [left]: counter([30, 0], [30, 5], [10, 0]) },
      at: "66m",
    },
    {
      what: "is silent where one in ten does",
      series: { [chosen]: counter([70, 10]), [left]: counter([70, 1]) },
      at: "62m",
    },
  ]);
});

describe("SwitchyardCostAbovePlan", () => {
  const saved = `switchyard_plan_cost_saved{${place},switchyard_bound="lower"}`;
  const cost = `switchyard_cost_usd_total{${place},switchyard_backend="nova"}`;
  const baseline = `switchyard_baseline_cost_usd_total{${place}}`;
  const chosen = `switchyard_choices_total{${place},switchyard_reason="plan"}`;
  const spending = (perStep: number, requests = 10): Story["series"] => ({
    [saved]: slowly.gauge([500, 0.6]),
    [cost]: slowly.counter([120, 0.4], [380, perStep]),
    [baseline]: slowly.counter([500, 1]),
    [chosen]: slowly.counter([500, requests]),
  });
  const priced = (missed: number): Story["series"] => ({
    [`switchyard_objective_requests_total{${place},switchyard_objective="cost",switchyard_objective_result="kept"}`]:
      slowly.counter([500, 10 - missed]),
    [`switchyard_objective_requests_total{${place},switchyard_objective="cost",switchyard_objective_result="missed"}`]:
      slowly.counter([500, missed]),
  });
  tellStories("SwitchyardCostAbovePlan", [
    {
      what: "writes a ticket where requests cost three quarters of the baseline, and the plan promised two fifths",
      series: spending(0.75),
      ...slow,
      at: "490m",
      fires: [
        {
          labels: { ...slowTicket, against: "plan" },
          summary: "Route chat costs more than its plan was measured to",
          description:
            "Its requests cost 75% of what the baseline would have cost within six hours, and 75% within one; by its plan " +
            "it is 40% at most (alert from 10 points more).",
        },
      ],
    },
    { what: "is silent within the margin", series: spending(0.48), ...slow, at: "490m" },
    {
      what: "is silent where so few requests may all be dear ones",
      series: spending(0.75, 1),
      ...slow,
      at: "490m",
    },
    {
      what: "writes a ticket where one in ten answers costs more than the envelope's bound",
      series: priced(1),
      ...slow,
      at: "490m",
      fires: [
        {
          labels: { ...slowTicket, against: "envelope", switchyard_objective: "cost" },
          summary: "Route chat answers dearer than its envelope allows",
          description:
            "10% of its answers within six hours cost more than the envelope's maxUsdPerRequest (5 % may).",
        },
      ],
    },
    {
      what: "is silent where one in twenty-five does",
      series: priced(0.4),
      ...slow,
      at: "490m",
    },
  ]);
});

describe("SwitchyardQualityArmLow", () => {
  const answers = (role: string) =>
    `switchyard_quality_answers_total{${place},switchyard_answer_role="${role}"}`;
  const score = (role: string) =>
    `switchyard_quality_score_total{${place},switchyard_answer_role="${role}"}`;
  const floor = `switchyard_route_objective{${place},switchyard_objective="quality",switchyard_assurance="certified"}`;
  /** Two comparisons a step; the share that was right drops after an hour. */
  const compared = (before: number, after: number, perStep = 2): Story["series"] => ({
    [floor]: gauge([120, 0.9]),
    [answers("served")]: counter([120, perStep]),
    [answers("baseline")]: counter([120, perStep]),
    [score("served")]: counter([60, perStep * before], [60, perStep * after]),
    [score("baseline")]: counter([120, perStep * 0.95]),
  });
  const told = (served: string, window: string, n: string) => ({
    summary: "Route chat answers worse than its floor of quality",
    description:
      `Answers that were sent scored ${served} within ${window}, the baseline's to the same requests 95%, over ${n} comparisons: ` +
      "below the route's floorPercent of it by more than chance explains.",
  });
  tellStories("SwitchyardQualityArmLow", [
    {
      what: "pages within twenty minutes of quality dropping to a half",
      series: compared(0.95, 0.5),
      at: "80m",
      fires: [
        {
          labels: { ...of, tier: "slow", severity: "page", window: "15m" },
          ...told("50%", "15m", "120"),
        },
      ],
    },
    { what: "is silent at the floor itself", series: compared(0.95, 0.86), at: "110m" },
    {
      what: "is silent where so few comparisons say little",
      series: compared(0.95, 0.5, 0.2),
      at: "80m",
    },
  ]);
});

describe("SwitchyardPlansIgnored", () => {
  const chosen = (reason: string) =>
    `switchyard_choices_total{${place},switchyard_reason="${reason}"}`;
  const upgraded = (reason: string): Story["series"] => ({
    [chosen("planned")]: counter([40, 10], [50, 0]),
    [chosen(reason)]: counter([40, 0], [50, 10]),
  });
  tellStories("SwitchyardPlansIgnored", [
    {
      what: "writes a ticket where an upgrade brought another classifier than the plan was made with",
      series: upgraded("model_changed"),
      at: "80m",
      fires: [
        {
          labels: { ...slowTicket, switchyard_reason: "model_changed" },
          summary: "Requests of route chat do not follow its plan",
          description:
            "100% of those within half an hour were served by the baseline because of the plan: model_changed.",
        },
      ],
    },
    {
      what: "is silent where the classifier had never seen the like of the requests",
      series: upgraded("unfamiliar"),
      at: "80m",
    },
    {
      what: "is silent once the plan was made anew",
      series: {
        [chosen("planned")]: counter([30, 10], [20, 0], [60, 10]),
        [chosen("model_changed")]: counter([30, 0], [20, 10], [60, 0]),
      },
      at: "95m",
    },
  ]);
});

describe("SwitchyardCertificateExpiring", () => {
  const expiry = `switchyard_plan_certificate_expiry{${place},switchyard_plan_rollout="current"}`;
  tellStories("SwitchyardCertificateExpiring", [
    {
      what: "writes a ticket six days before",
      series: { [expiry]: gauge([30, 6 * 86_400]) },
      at: "20m",
      fires: [
        {
          labels: { ...of, tier: "ticket", severity: "ticket" },
          summary: "The certificate of route chat's plan runs out",
          description:
            "It runs out in 6d 0h 0m 0s (alert from 7 days): no labels have come to certify it anew. From then on the " +
            "baseline serves a Certified route.",
        },
      ],
    },
    {
      what: "is silent eight days before",
      series: { [expiry]: gauge([30, 8 * 86_400]) },
      at: "20m",
    },
  ]);
});
