// Alerts on backends, by stories that promtool plays: each fires in one, and stays silent in its near miss.
import { describe } from "vitest";
import { counter, gauge } from "../../support/alerts/played-series.ts";
import { tellStories, type Fired, type Story } from "../../support/alerts/promtool-story.ts";

const labels = { namespace: "shop", switchyard_backend: "nova", tier: "fast", severity: "page" };
const ofBackend = 'namespace="shop",pod="a",switchyard_backend="nova"';
const attempts = (end = ""): string => `switchyard_attempts_total{${ofBackend}${end}}`;
const failedBy = (type: string): string => attempts(`,error_type="${type}"`);
const duration = (part: string, end = ""): string =>
  `gen_ai_client_operation_duration_${part}{${ofBackend}${end}}`;
const state = (name: string, pod = "a"): string =>
  `switchyard_backend_state{namespace="shop",pod="${pod}",switchyard_backend="nova",switchyard_state="${name}"}`;
const quiet = 30;
const closed = { [state("closed")]: gauge([60, 1]) };

/** Half an hour of ten streams a step, each with its first content after half a second, then something else. */
function streams(minutes: number, perStep: number, seconds: number): Story["series"] {
  const chunks = "gen_ai_client_operation_time_to_first_chunk";
  return {
    [attempts()]: counter([quiet, 10], [minutes, perStep]),
    [`${chunks}_sum{${ofBackend}}`]: counter([quiet, 5], [minutes, perStep * seconds]),
    [`${chunks}_count{${ofBackend}}`]: counter([quiet, 10], [minutes, perStep]),
    ...closed,
  };
}

/** The same of whole answers, each of `tokens` after `seconds`; at first of 100 after two. */
function answers(minutes: number, seconds: number, tokens: number): Story["series"] {
  const used = `gen_ai_client_token_usage_sum{${ofBackend},gen_ai_token_type="output"}`;
  return {
    [attempts()]: counter([quiet + minutes, 10]),
    [duration("sum")]: counter([quiet, 20], [minutes, 10 * seconds]),
    [duration("count")]: counter([quiet + minutes, 10]),
    [used]: counter([quiet, 1_000], [minutes, 10 * tokens]),
    ...closed,
  };
}

/** Half an hour of ten attempts a step that go well, then such in which some end by an error. */
const failures = (type: string, each: number, well: number, minutes = 5): Story["series"] => ({
  [attempts()]: counter([quiet, 10], [minutes, well]),
  [failedBy(type)]: counter([quiet, 0], [minutes, each]),
  ...closed,
});

/** As `failures`, but after two steps routers keep the backend out and hardly ask it. */
const keptOut = (type: string, errorsBefore: number, pods = 1): Story["series"] => ({
  [attempts()]: counter([quiet, 10], [0.5, 10], [5, 0]),
  [failedBy(type)]: counter([quiet, 0], [0.5, errorsBefore], [5, 0]),
  [state("closed")]: gauge([quiet, 1], [0.5, 1], [5, 0]),
  ...Object.fromEntries(
    Array.from({ length: pods - 1 }, (_, at) => [state("closed", `b${at}`), gauge([60, 1])]),
  ),
});

const slow = (
  told: Partial<Record<"first" | "usual" | "whole" | "wholeUsual" | "left" | "out", string>>,
) => {
  const {
    first = "n/a",
    usual = "n/a",
    whole = "n/a",
    wholeUsual = "n/a",
    left = "0%",
    out = "0%",
  } = told;
  return {
    summary: "Backend nova answers far slower than it usually does",
    description:
      `First content came after ${first} (usually ${usual}) and whole answers after ${whole} (usually ${wholeUsual}), ` +
      `as means of the last minute; ${left} of its attempts were left without content. ${out} of the routers have ` +
      "kept it out for the last minute. Clients may not notice yet: fallbacks and hedges stand in.",
  };
};

type Row = Pick<Story, "what" | "series" | "at"> & {
  told?: Pick<Fired, "summary" | "description">;
};

const stories = (alert: string, rows: readonly Row[]): void =>
  tellStories(
    alert,
    rows.map(({ told, ...story }) =>
      told === undefined ? story : { ...story, fires: [{ labels, ...told }] },
    ),
  );

describe("SwitchyardBackendSlow", () => {
  stories("SwitchyardBackendSlow", [
    {
      what: "fires within 75 s of three seconds more for each first content",
      series: streams(5, 10, 3.5),
      at: "31m15s",
      told: slow({ first: "3.5s", usual: "500ms" }),
    },
    {
      what: "is silent where it takes twice as long as usual, but less than a second more",
      series: streams(5, 10, 1.4),
      at: "34m",
    },
    {
      what: "is silent where only a few are asked, however slow",
      series: {
        ...streams(20, 0.25, 9),
      },
      at: "42m",
    },
    {
      what: "fires where whole answers take three seconds more for as many tokens",
      series: answers(5, 5, 100),
      at: "31m15s",
      told: slow({ whole: "5s", wholeUsual: "2s" }),
    },
    {
      what: "is silent where answers take longer because more is asked for",
      series: answers(5, 5, 250),
      at: "34m",
    },
    {
      what: "fires where most attempts are left as too slow, before any content",
      series: failures("slow_first_token", 8, 2),
      at: "31m15s",
      told: slow({ left: "80%" }),
    },
    {
      what: "is silent where some are",
      series: failures("slow_first_token", 4, 6),
      at: "34m",
    },
    {
      what: "is silent where it loses as a hedge, which began later than the attempt that won",
      series: {
        [attempts(',switchyard_attempt_kind="hedge"')]: counter([quiet, 0], [5, 1]),
        [attempts(',switchyard_attempt_kind="hedge",switchyard_attempt_cancelled="superseded"')]:
          counter([quiet, 0], [5, 9]),
        ...closed,
      },
      at: "32m",
    },
    {
      what: "fires where routers keep it out for being slow, so that it is hardly asked",
      series: keptOut("slow_first_token", 5),
      at: "31m45s",
      told: slow({ left: "n/a", out: "100%" }),
    },
    {
      what: "is silent where one router of four keeps it out",
      series: keptOut("slow_first_token", 5, 4),
      at: "34m",
    },
    {
      what: "leaves a backend that is kept out for its errors to another alert",
      series: keptOut("internal", 5),
      at: "34m",
    },
  ]);
});

describe("SwitchyardBackendFailing", () => {
  const failing = (minute: string, five: string, out = "0%") => ({
    summary: "Backend nova fails",
    description:
      `${minute} of its attempts within a minute and ${five} within five failed by errors of its own (alert from 10 %). ` +
      `${out} of the routers have kept it out for the last minute.`,
  });
  stories("SwitchyardBackendFailing", [
    {
      what: "fires within 75 s of a fifth of the attempts failing",
      series: failures("internal", 2, 8),
      at: "31m15s",
      told: failing("20%", "5.013%"),
    },
    {
      what: "is silent where one in twenty fails",
      series: failures("internal", 0.5, 9.5),
      at: "34m",
    },
    {
      what: "is silent where a client's own mistakes fail",
      series: failures("invalid_request", 8, 2),
      at: "34m",
    },
    {
      what: "is silent over four failures of a quiet backend",
      series: { ...failures("internal", 1, 0, 1) },
      at: "31m15s",
    },
    {
      what: "fires where routers keep it out for failing",
      series: keptOut("unavailable", 5),
      at: "31m45s",
      told: failing("n/a", "6.355%", "100%"),
    },
  ]);
});

describe("SwitchyardBackendThrottled", () => {
  const throttled = (minute: string, five: string, out = "0%") => ({
    summary: "Backend nova turns requests away",
    description:
      `${minute} of its attempts within a minute and ${five} within five were throttled or beyond a quota (alert from 10 %). ` +
      `${out} of the routers have kept it out for the last minute.`,
  });
  stories("SwitchyardBackendThrottled", [
    {
      what: "fires within 75 s of a storm",
      series: failures("throttled", 6, 4),
      at: "31m15s",
      told: throttled("60%", "15.12%"),
    },
    {
      what: "fires where a single throttle keeps it out, and those that find out meet more",
      series: keptOut("throttled", 1),
      at: "31m45s",
      told: throttled("n/a", "1.339%", "100%"),
    },
    {
      what: "is silent where one in fifty is throttled",
      series: failures("throttled", 0.2, 9.8),
      at: "34m",
    },
    {
      what: "is silent where this router has too many calls open, and made none",
      series: failures("backend_busy", 9, 1),
      at: "34m",
    },
  ]);
});
