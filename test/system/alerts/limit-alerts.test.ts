// Alerts on tenants' budgets and the store that counts them, by stories that promtool plays.
import { describe } from "vitest";
import { absentFor, counter, gauge } from "../../support/alerts/played-series.ts";
import { tellStories, type Story } from "../../support/alerts/promtool-story.ts";

const place = 'namespace="shop",switchyard_tenant="acme",switchyard_limit="budget_day_usd"';
const used = (pod: string) => `switchyard_limits_used{${place},pod="${pod}"}`;
const budget = `switchyard_limits_budget{${place},pod="a"}`;

describe("SwitchyardBudgetNearlySpent", () => {
  const labels = {
    namespace: "shop",
    switchyard_tenant: "acme",
    switchyard_limit: "budget_day_usd",
    tier: "ticket",
    severity: "ticket",
  };
  const told = (share: string, rest: string) => ({
    labels,
    summary: "Tenant acme has nearly spent its budget_day_usd",
    description:
      `${share} is spent or reserved (alert from 90 %, or from half where it will not last an hour). At the pace of the last ` +
      `half hour the rest lasts ${rest}.`,
  });
  const spending = (value: string): Story["series"] => ({
    [budget]: gauge([60, 10]),
    [used("a")]: value,
    // A router that has seen nothing of the tenant for a while.
    [used("b")]: gauge([60, 1]),
  });
  tellStories("SwitchyardBudgetNearlySpent", [
    {
      what: "writes a ticket at 95 % of it, with how long the rest lasts",
      series: spending(counter([60, 9.5 / 200])),
      at: "50m",
      fires: [told("95%", "2m 37s")],
    },
    {
      what: "writes one at three fifths that will not last an hour",
      series: spending(counter([60, 6 / 160])),
      at: "40m",
      fires: [told("60%", "26m 40s")],
    },
    {
      what: "is silent at 85 % where next to nothing is spent any more",
      series: spending(gauge([60, 8.5])),
      at: "50m",
    },
    {
      what: "is silent at a third, however fast",
      series: spending(counter([60, 3 / 160])),
      at: "40m",
    },
  ]);
});

describe("SwitchyardLimitsStoreAway", () => {
  const away = (pod: string) => `switchyard_limits_store_away{namespace="shop",pod="${pod}"}`;
  tellStories("SwitchyardLimitsStoreAway", [
    {
      what: "pages where two of three routers cannot reach it for a minute",
      series: {
        [away("a")]: gauge([10, 0], [5, 1]),
        [away("b")]: gauge([10, 0], [5, 1]),
        [away("c")]: gauge([15, 0]),
      },
      at: "12m",
      fires: [
        {
          labels: { namespace: "shop", tier: "slow", severity: "page" },
          summary: "Routers of shop cannot count tenants' limits",
          description:
            "2 of the routers cannot reach the shared store: tenants are let pass or refused as their storeFailure says.",
        },
      ],
    },
    {
      what: "is silent where it is away for half a minute",
      series: { [away("a")]: gauge([10, 0], [0.5, 1], [5, 0]) },
      at: "12m",
    },
  ]);
});

describe("SwitchyardSettlementsLost", () => {
  const lost =
    'switchyard_limits_store_lost_total{namespace="shop",pod="a",switchyard_loss_reason="full"}';
  tellStories("SwitchyardSettlementsLost", [
    {
      what: "writes a ticket at the first loss, with which the counter is born",
      series: { [lost]: absentFor(10, "3+0x40") },
      at: "11m",
      fires: [
        {
          labels: {
            namespace: "shop",
            switchyard_loss_reason: "full",
            tier: "ticket",
            severity: "ticket",
          },
          summary: "Money of tenants in shop has been spent and not counted",
          description:
            "3 settlements were given up within a quarter of an hour (full): budgets show less than was spent.",
        },
      ],
    },
    { what: "is silent over losses of long ago", series: { [lost]: gauge([60, 3]) }, at: "55m" },
  ]);
});
