// Burn rates, by stories that promtool plays: each tier fires in one, and stays silent in its near miss.
import { describe } from "vitest";
import { counter, playedWith, type Phase } from "../../support/alerts/played-series.ts";
import { tellStories, type Story } from "../../support/alerts/promtool-story.ts";

const ofRoute = 'namespace="shop",pod="a",switchyard_route="chat"';
const requests = (outcome: string): string =>
  `switchyard_requests_total{${ofRoute},switchyard_outcome="${outcome}"}`;
const turnedAway = `gen_ai_server_request_duration_count{${ofRoute},error_type="rate_limit_exceeded"}`;
const objective = (name: string, result: string): string =>
  `switchyard_objective_requests_total{${ofRoute},switchyard_objective="${name}",switchyard_objective_result="${result}"}`;

const slowly = playedWith(60);
const slow = { stepSeconds: 60, evaluationSeconds: 300 };
const failing = (
  answered: readonly Phase[],
  failed: readonly Phase[],
  play = counter,
): Story["series"] => ({
  [requests("answered")]: play(...answered),
  [requests("failed")]: play(...failed),
  [requests("aborted")]: play(...answered),
});
const late = (
  name: string,
  kept: readonly Phase[],
  missed: readonly Phase[],
  play = counter,
): Story["series"] => ({
  [objective(name, "kept")]: play(...kept),
  [objective(name, "missed")]: play(...missed),
});

const labels = (tier: string, severity: string, windows: string) => ({
  namespace: "shop",
  switchyard_route: "chat",
  tier,
  severity,
  windows,
});
const fast = labels("fast", "page", "1m/5m");
const hour = labels("slow", "page", "5m/1h");
const hours = labels("slow", "page", "30m/6h");
const days = labels("ticket", "ticket", "6h/3d");

describe("SwitchyardAvailabilityBurn", () => {
  const summary = "Route chat fails its clients";
  const told = (share: string, short: string, factor: number, long: string) => ({
    summary,
    description:
      `Of its requests fail ${share} within ${short}, and still more than ${factor} times what may be within ${long} ` +
      "(its objective is 99.5 %). Failed are answers that broke, server errors and what providers turned away for good.",
  });
  tellStories("SwitchyardAvailabilityBurn", [
    {
      what: "pages within 75 s of a fifth of the requests failing",
      series: failing(
        [
          [30, 10],
          [5, 8],
        ],
        [
          [30, 0],
          [5, 2],
        ],
      ),
      at: "31m15s",
      fires: [{ labels: fast, ...told("20%", "1m", 2.5, "5m") }],
    },
    {
      what: "counts what providers turn away for good, which clients see as 429",
      series: {
        [requests("answered")]: counter([30, 10], [5, 5]),
        [turnedAway]: counter([30, 0], [5, 5]),
      },
      at: "31m15s",
      fires: [{ labels: fast, ...told("50%", "1m", 2.5, "5m") }],
    },
    {
      what: "is silent over one failure in fifty, which no five minutes are spoilt by",
      series: failing(
        [
          [30, 10],
          [5, 9.8],
        ],
        [
          [30, 0],
          [5, 0.2],
        ],
      ),
      at: "34m",
    },
    {
      what: "is silent where the only four requests of a night fail",
      series: failing(
        [[35, 0]],
        [
          [30, 0],
          [1, 1],
          [4, 0],
        ],
      ),
      at: "31m15s",
    },
    {
      what: "is silent where tenants are refused, or leave",
      series: {
        [requests("answered")]: counter([35, 5]),
        [requests("limited")]: counter([35, 5]),
        [requests("aborted")]: counter([35, 5]),
      },
      at: "34m",
    },
    {
      what: "pages where a twelfth has failed for most of an hour",
      series: failing(
        [
          [120, 600],
          [70, 550],
        ],
        [
          [120, 0],
          [70, 50],
        ],
        slowly.counter,
      ),
      ...slow,
      at: "185m",
      fires: [
        { labels: hour, ...told("8.333%", "5m", 14.4, "1h") },
        { labels: days, ...told("2.928%", "6h", 1, "3d") },
      ],
    },
    {
      what: "pages where a twenty-fifth has failed for hours",
      series: failing(
        [
          [120, 600],
          [400, 576],
        ],
        [
          [120, 0],
          [400, 24],
        ],
        slowly.counter,
      ),
      ...slow,
      at: "510m",
      fires: [
        { labels: hours, ...told("4%", "30m", 6, "6h") },
        { labels: days, ...told("4%", "6h", 1, "3d") },
      ],
    },
    {
      what: "writes a ticket where one in a hundred fails day and night",
      series: failing([[600, 990]], [[600, 10]], slowly.counter),
      ...slow,
      at: "590m",
      fires: [{ labels: days, ...told("1%", "6h", 1, "3d") }],
    },
    {
      what: "writes none where four in a thousand do, which its objective allows",
      series: failing([[600, 996]], [[600, 4]], slowly.counter),
      ...slow,
      at: "590m",
    },
  ]);
});

describe("SwitchyardFirstTokenBurn", () => {
  const summary = "Route chat is late with its first tokens";
  const told = (share: string, short: string, factor: number, long: string) => ({
    summary,
    description: `First tokens that come later than the envelope's firstTokenP95 promises: ${share} within ${short}, and still more than ${factor} times what may be within ${long} (5 % may).`,
  });
  tellStories("SwitchyardFirstTokenBurn", [
    {
      what: "pages within 75 s of three in four coming late",
      series: late(
        "first_token",
        [
          [30, 10],
          [5, 2.5],
        ],
        [
          [30, 0],
          [5, 7.5],
        ],
      ),
      at: "31m15s",
      fires: [
        {
          labels: { ...fast, switchyard_objective: "first_token" },
          ...told("75%", "1m", 2.5, "5m"),
        },
      ],
    },
    {
      what: "is silent where one in five comes late for some minutes",
      series: late(
        "first_token",
        [
          [30, 10],
          [5, 8],
        ],
        [
          [30, 0],
          [5, 2],
        ],
      ),
      at: "34m",
    },
    {
      what: "is silent where whole answers are late, which is another alert's",
      series: late(
        "total",
        [
          [30, 10],
          [5, 0],
        ],
        [
          [30, 0],
          [5, 10],
        ],
      ),
      at: "34m",
    },
    {
      what: "writes a ticket where one in ten comes late day and night",
      series: late("first_token", [[600, 90]], [[600, 10]], slowly.counter),
      ...slow,
      at: "590m",
      fires: [
        { labels: { ...days, switchyard_objective: "first_token" }, ...told("10%", "6h", 1, "3d") },
      ],
    },
  ]);
});

describe("SwitchyardLatencyBurn", () => {
  const summary = "Route chat is late with its answers";
  const told = (share: string, short: string, factor: number, long: string) => ({
    summary,
    description: `Answers that end later than the envelope's totalP95 promises: ${share} within ${short}, and still more than ${factor} times what may be within ${long} (5 % may).`,
  });
  tellStories("SwitchyardLatencyBurn", [
    {
      what: "pages within 75 s of all coming late",
      series: late(
        "total",
        [
          [30, 10],
          [5, 0],
        ],
        [
          [30, 0],
          [5, 10],
        ],
      ),
      at: "31m15s",
      fires: [
        { labels: { ...fast, switchyard_objective: "total" }, ...told("100%", "1m", 2.5, "5m") },
      ],
    },
    {
      what: "pages where four in five have come late for an hour",
      series: late(
        "total",
        [
          [120, 100],
          [70, 20],
        ],
        [
          [120, 0],
          [70, 80],
        ],
        slowly.counter,
      ),
      ...slow,
      at: "185m",
      fires: [
        { labels: { ...hour, switchyard_objective: "total" }, ...told("80%", "5m", 14.4, "1h") },
        { labels: { ...days, switchyard_objective: "total" }, ...told("28.11%", "6h", 1, "3d") },
      ],
    },
    {
      what: "is silent where four in a hundred come late, as a P95 allows",
      series: late("total", [[600, 96]], [[600, 4]], slowly.counter),
      ...slow,
      at: "590m",
    },
  ]);
});
