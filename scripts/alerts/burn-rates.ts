// How fast routes use up what they may miss, after the SRE workbook: two windows each, a long one so that it
// matters and a short one so that it still goes on. What latency promises is the route's own envelope.
import { providerErrors } from "../../src/providers/index.ts";
import { all, anyOf, ofRoute, place, rates, series, share, sumBy } from "./promql.ts";
import { type Alert, type Group, type Recording, threshold } from "./rule.ts";

interface Burn extends Pick<Alert, "tier" | "severity" | "keepFiringFor"> {
  short: Window;
  long: Window;
  /** How many times as fast as would just use up what may be missed. */
  factor: number;
  /** Of the long window where it is another one: of five minutes one has passed. */
  longFactor?: number;
}

const windows = { "1m": 60, "5m": 300, "30m": 1_800, "1h": 3_600, "6h": 21_600, "3d": 259_200 };
type Window = keyof typeof windows;
/** Beyond these Prometheus would read too much: they are means of what is recorded. */
const raw: readonly Window[] = ["1m", "5m", "30m", "1h"];

const burns: readonly Burn[] = [
  {
    tier: "fast",
    severity: "page",
    short: "1m",
    long: "5m",
    factor: 10,
    longFactor: 2.5,
    keepFiringFor: "5m",
  },
  { tier: "slow", severity: "page", short: "5m", long: "1h", factor: 14.4 },
  { tier: "slow", severity: "page", short: "30m", long: "6h", factor: 6 },
  { tier: "ticket", severity: "ticket", short: "6h", long: "3d", factor: 1 },
];

/** Where providers turned a request away for good the client got a 429: no limit of the tenant's. */
const turnedAway = series(
  "gen_ai.server.request.duration",
  {
    "error.type": anyOf([
      ...new Set(
        Object.values(providerErrors)
          .filter(({ fallback }) => fallback === "RateLimited")
          .map(({ clientCode }) => clientCode),
      ),
    ]),
  },
  "count",
);
const outcome = (condition: string): string =>
  series("switchyard.requests", { "switchyard.outcome": condition });
const ofObjective = place("switchyard.route", "switchyard.objective");
const objective = (condition?: string): string =>
  series(
    "switchyard.objective.requests",
    condition === undefined ? {} : { "switchyard.objective.result": condition },
  );

interface Promise {
  labels: string;
  whole: string;
  missed: string;
  wholeOf: readonly string[];
  missedOf: readonly string[];
}

const availability: Promise = {
  labels: ofRoute,
  whole: "route:switchyard_requests",
  missed: "route:switchyard_requests_failed",
  wholeOf: [outcome('=~"answered|failed"'), turnedAway],
  missedOf: [outcome('="failed"'), turnedAway],
};
const envelope: Promise = {
  labels: ofObjective,
  whole: "route:switchyard_objective",
  missed: "route:switchyard_objective_missed",
  wholeOf: [objective()],
  missedOf: [objective('="missed"')],
};

function recordings(
  { labels, whole, missed, wholeOf, missedOf }: Promise,
  window: Window,
): Recording[] {
  const total = (record: string, selectors: readonly string[]): string =>
    raw.includes(window)
      ? sumBy(labels, rates(selectors, `[${window}]`))
      : `avg_over_time(${record}:rate_5m[${window}])`;
  const all = `${whole}:rate_${window}`;
  const rate = `${missed}:rate_${window}`;
  return [
    { record: all, expr: total(whole, wholeOf) },
    { record: rate, expr: `${total(missed, missedOf)}\nor\n${all} * 0` },
    { record: `${missed}:ratio_${window}`, expr: share(rate, all) },
    {
      record: `${missed}:increase_${window}`,
      expr: raw.includes(window)
        ? `${rate} * ${windows[window]}`
        : // Not the mean times the window: of a route that is new the mean is of a few minutes.
          `sum_over_time(${missed}:rate_5m[${window}:5m]) * ${windows["5m"]}`,
    },
  ];
}

interface Burning {
  alert: string;
  promise: Promise;
  /** Such as `{switchyard_objective="total"}`. */
  matcher: string;
  /** The share that may miss it, in PromQL. */
  budget: string;
  summary: string;
  /** @param shown the shares of the short and the long window, in words */
  describe: (shown: string) => string;
}

function burning({ alert, promise, matcher, budget, summary, describe }: Burning): Alert[] {
  return burns.map(({ short, long, factor, longFactor = factor, ...urgency }) => {
    const ratio = (window: Window): string => `${promise.missed}:ratio_${window}${matcher}`;
    const shown = `{{ $value | humanizePercentage }} within ${short}, and still more than ${longFactor} times what may be within ${long}`;
    return {
      ...urgency,
      alert,
      labels: { windows: `${short}/${long}` },
      expr: all(
        `${ratio(short)} > ${factor} * ${budget}`,
        `${ratio(long)} > ${longFactor} * ${budget}`,
        `${promise.missed}:increase_${long}${matcher} >= ${threshold("minimumFailures")}`,
      ),
      summary,
      description: describe(shown),
    };
  });
}

const route = "{{ $labels.switchyard_route }}";
/** A promise of the 95th percentile lets one in twenty miss it. */
const ofP95 = "0.05";

const alerts: readonly Alert[] = [
  ...burning({
    alert: "SwitchyardAvailabilityBurn",
    promise: availability,
    matcher: "",
    budget: `(100 - ${threshold("availabilityPercent")}) / 100`,
    summary: `Route ${route} fails its clients`,
    describe: (shown) =>
      `Of its requests fail ${shown} (its objective is ${threshold("availabilityPercent")} %). ` +
      "Failed are answers that broke, server errors and what providers turned away for good.",
  }),
  ...burning({
    alert: "SwitchyardFirstTokenBurn",
    promise: envelope,
    matcher: '{switchyard_objective="first_token"}',
    budget: ofP95,
    summary: `Route ${route} is late with its first tokens`,
    describe: (shown) =>
      `First tokens that come later than the envelope's firstTokenP95 promises: ${shown} (5 % may).`,
  }),
  ...burning({
    alert: "SwitchyardLatencyBurn",
    promise: envelope,
    matcher: '{switchyard_objective="total"}',
    budget: ofP95,
    summary: `Route ${route} is late with its answers`,
    describe: (shown) =>
      `Answers that end later than the envelope's totalP95 promises: ${shown} (5 % may).`,
  }),
];

const promises = [availability, envelope];
const isFast = ({ tier }: Alert): boolean => tier === "fast";

export const burnGroups: readonly Group[] = [
  {
    name: "switchyard-burn-fast",
    interval: "15s",
    recordings: promises.flatMap((each) =>
      (["1m", "5m"] as const).flatMap((window) => recordings(each, window)),
    ),
    alerts: alerts.filter(isFast),
  },
  {
    name: "switchyard-burn-slow",
    interval: "30s",
    recordings: promises.flatMap((each) =>
      (["30m", "1h", "6h", "3d"] as const).flatMap((window) => recordings(each, window)),
    ),
    alerts: alerts.filter((each) => !isFast(each)),
  },
];
