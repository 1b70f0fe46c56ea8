// What a backend does, whatever clients see of it: fallbacks and hedges hide a sick backend until its
// stand-ins are overrun. Everything here is per backend and counts attempts.
import { providerErrors } from "../../src/providers/index.ts";
import {
  all,
  any,
  anyOf,
  figure,
  grown,
  ofBackend,
  rates,
  series,
  share,
  sumBy,
} from "./promql.ts";
import { type Alert, type Group, type Recording, threshold } from "./rule.ts";

type Trouble = "slow" | "failing" | "throttled";

/** Of what provider errors speak against the backend, by the trouble that they are. */
const errorTypes = (reasons: readonly string[]): string[] =>
  Object.entries(providerErrors)
    .filter(([, traits]) => traits.counts !== false && reasons.includes(traits.fallback ?? ""))
    .map(([code]) => code);

const errors: Readonly<Record<Trouble, readonly string[]>> = {
  slow: errorTypes(["Timeout", "SlowFirstToken"]),
  failing: errorTypes(["ServerError", "StreamBroken", "Unavailable"]),
  throttled: errorTypes(["RateLimited"]),
};

const attempts = series("switchyard.attempts", { "error.type": '!="backend_busy"' });
const failedBy = (trouble: Trouble): string =>
  series("switchyard.attempts", { "error.type": anyOf(errors[trouble]) });
const superseded = { "switchyard.attempt.cancelled": '="superseded"' } as const;
/** A hedge that lost says nothing: it began later than the attempt that was quicker. */
const beaten = { ...superseded, "switchyard.attempt.kind": '!="hedge"' } as const;
const leftEarly = [failedBy("slow"), series("switchyard.attempts", beaten)];

const duration = "gen_ai.client.operation.duration";
const firstChunk = "gen_ai.client.operation.time_to_first_chunk";
/** An attempt that was left before any content waited at least as long as it took. */
const waits = (part: "sum" | "count"): string[] => [
  series(firstChunk, {}, part),
  series(duration, { "error.type": anyOf(errors.slow) }, part),
  series(duration, superseded, part),
];
const answered = { "error.type": '=""', "switchyard.attempt.cancelled": '=""' } as const;
const outputTokens = series(
  "gen_ai.client.token.usage",
  { "gen_ai.token.type": '="output"' },
  "sum",
);

const total = (selectors: readonly string[], range: string): string =>
  sumBy(ofBackend, rates(selectors, range));

interface Window {
  name: string;
  range: string;
}

const now: readonly Window[] = ["1m", "5m"].map((name) => ({ name, range: `[${name}]` }));
/** Without the last ten minutes, which are what is judged by it. */
const usual: Window = { name: "usual", range: "[6h] offset 10m" };

const means = {
  /** Of streams: until the first content, or until they were left without any. */
  "backend:switchyard_first_content_seconds": [waits("sum"), waits("count")],
  "backend:switchyard_answer_seconds": [
    [series(duration, answered, "sum")],
    [series(duration, answered, "count")],
  ],
  /** Tells a slow backend from one that is asked for longer answers. */
  "backend:switchyard_seconds_per_token": [[series(duration, answered, "sum")], [outputTokens]],
} as const;

const attempted = "backend:switchyard_attempts:rate";
const tries = ({ name, range }: Window): Recording => ({
  record: `${attempted}_${name}`,
  expr: total([attempts], range),
});

const speeds = ({ name, range }: Window): Recording[] =>
  Object.entries(means).map(([record, [seconds, number]]) => ({
    record: `${record}:${name}`,
    expr: `${total(seconds, range)}\n/\n(${total(number, range)} > 0)`,
  }));

const shares = {
  "backend:switchyard_attempts_left": leftEarly,
  "backend:switchyard_attempts_failing": [failedBy("failing")],
  "backend:switchyard_attempts_throttled": [failedBy("throttled")],
} as const;

const ratios = ({ name, range }: Window): Recording[] =>
  Object.entries(shares).map(([record, selectors]) => ({
    record: `${record}:ratio_${name}`,
    expr: share(total(selectors, range), `${attempted}_${name}`),
  }));

/** An ejected backend is hardly asked, so what troubles it is seen over a longer time. */
const troubles: Recording[] = (Object.keys(errors) as Trouble[]).map((trouble) => ({
  record: "backend:switchyard_trouble:increase15m",
  expr: sumBy(ofBackend, grown(failedBy(trouble), "15m")),
  labels: { trouble },
}));

/** The share of routers that kept the backend out of all chains for a whole minute. */
const keptOut = "backend:switchyard_kept_out:ratio_1m";

/** Routers keep the backend out, and this is what it suffered from most. */
const isKeptOutAs = (trouble: Trouble): string => {
  const record = "backend:switchyard_trouble:increase15m";
  const worst = `topk by (${ofBackend}) (1, ${record} > 0) and ${record}{trouble="${trouble}"}`;
  return `${keptOut} > 0.5 and on (${ofBackend}) (${worst})`;
};

/** Attempts of a window, as a number of them. */
const atLeast = (window: "1m" | "5m", number: string): string =>
  `${attempted}_${window} * ${window === "1m" ? 60 : 300} >= ${number}`;

/** Slower than usual by a factor and by seconds. */
const exceeds = (record: string, window: string, factor: string, seconds: string): string =>
  all(
    `${record}:${window} > ${record}:usual * ${factor}`,
    `${record}:${window} > ${record}:usual + ${seconds}`,
  );

interface Slowness {
  record: string;
  factor: string;
  /** Attempts that a mean must be of: few log-normal times have a mean that tells nothing. */
  number: string;
  /** What must hold of the same window besides. */
  besides?: (window: string) => string;
}

/** Over a minute clearly and over five noticeably; of a backend that is asked too little for that over five minutes clearly. */
function isSlower({ record, factor, number, besides }: Slowness): string {
  const seconds = threshold("backendSlowSeconds");
  const further = (window: string): string[] => (besides === undefined ? [] : [besides(window)]);
  return any(
    all(
      exceeds(record, "1m", factor, seconds),
      exceeds(record, "5m", "1.2", `${seconds} * 0.2`),
      atLeast("1m", number),
      ...further("1m"),
    ),
    all(exceeds(record, "5m", factor, seconds), atLeast("5m", number), ...further("5m")),
  );
}

/** Over a minute beyond the threshold, and enough of it in five minutes to rule out a blip. */
const isOften = (record: string, percent: string): string =>
  all(
    `${record}:ratio_1m > ${percent} / 100`,
    `${record}:ratio_5m > ${percent} / 100 * 0.3`,
    `${record}:ratio_5m * ${attempted}_5m * 300 >= ${threshold("minimumFailures")}`,
    atLeast("5m", threshold("minimumAttempts")),
  );

const backend = "{{ $labels.switchyard_backend }}";
const of = (record: string, shown: Parameters<typeof figure>[2]): string =>
  figure(record, ["switchyard.backend"], shown);
const keptOutText = `${of(keptOut, "humanizePercentage")} of the routers have kept it out for the last minute.`;

const fast = { tier: "fast", severity: "page", keepFiringFor: "5m" } as const;

const alerts: readonly Alert[] = [
  {
    ...fast,
    alert: "SwitchyardBackendSlow",
    expr: any(
      isSlower({
        record: "backend:switchyard_first_content_seconds",
        factor: threshold("backendSlowFactor"),
        number: threshold("minimumAttempts"),
      }),
      isSlower({
        record: "backend:switchyard_answer_seconds",
        factor: "1.5",
        number: `3 * ${threshold("minimumAttempts")}`,
        besides: (window) =>
          `backend:switchyard_seconds_per_token:${window} > backend:switchyard_seconds_per_token:usual * 1.3`,
      }),
      all(
        isOften("backend:switchyard_attempts_left", "50"),
        "backend:switchyard_attempts_left:ratio_1m > 2 * (backend:switchyard_attempts_left:ratio_usual or backend:switchyard_attempts_left:ratio_1m * 0)",
      ),
      isKeptOutAs("slow"),
    ),
    summary: `Backend ${backend} answers far slower than it usually does`,
    description:
      `First content came after ${of("backend:switchyard_first_content_seconds:1m", "humanizeDuration")} ` +
      `(usually ${of("backend:switchyard_first_content_seconds:usual", "humanizeDuration")}) and whole answers after ` +
      `${of("backend:switchyard_answer_seconds:1m", "humanizeDuration")} ` +
      `(usually ${of("backend:switchyard_answer_seconds:usual", "humanizeDuration")}), as means of the last minute; ` +
      `${of("backend:switchyard_attempts_left:ratio_1m", "humanizePercentage")} of its attempts were left without content. ` +
      `${keptOutText} Clients may not notice yet: fallbacks and hedges stand in.`,
  },
  {
    ...fast,
    alert: "SwitchyardBackendFailing",
    expr: any(
      isOften("backend:switchyard_attempts_failing", threshold("backendFailingPercent")),
      isKeptOutAs("failing"),
    ),
    summary: `Backend ${backend} fails`,
    description:
      `${of("backend:switchyard_attempts_failing:ratio_1m", "humanizePercentage")} of its attempts within a minute and ` +
      `${of("backend:switchyard_attempts_failing:ratio_5m", "humanizePercentage")} within five failed by errors of its own ` +
      `(alert from ${threshold("backendFailingPercent")} %). ${keptOutText}`,
  },
  {
    ...fast,
    alert: "SwitchyardBackendThrottled",
    expr: any(
      isOften("backend:switchyard_attempts_throttled", threshold("backendThrottledPercent")),
      isKeptOutAs("throttled"),
    ),
    summary: `Backend ${backend} turns requests away`,
    description:
      `${of("backend:switchyard_attempts_throttled:ratio_1m", "humanizePercentage")} of its attempts within a minute and ` +
      `${of("backend:switchyard_attempts_throttled:ratio_5m", "humanizePercentage")} within five were throttled or beyond a quota ` +
      `(alert from ${threshold("backendThrottledPercent")} %). ${keptOutText}`,
  },
];

export const backendGroups: readonly Group[] = [
  {
    name: "switchyard-backends-usual",
    interval: "1m",
    recordings: [
      tries(usual),
      ...speeds(usual).map(({ record, expr }) => ({
        record,
        expr: all(expr, `${attempted}_usual * 21600 >= 10 * ${threshold("minimumAttempts")}`),
      })),
      ...ratios(usual).filter(({ record }) => record.includes("_left:")),
    ],
    alerts: [],
  },
  {
    name: "switchyard-backends",
    interval: "15s",
    recordings: [
      ...now.map(tries),
      ...now.flatMap(speeds),
      ...now.flatMap(ratios),
      ...troubles,
      {
        record: keptOut,
        expr: `avg by (${ofBackend}) (max_over_time(${series("switchyard.backend.state", { "switchyard.state": '="closed"' })}[1m]) == bool 0)`,
      },
    ],
    alerts,
  },
];
