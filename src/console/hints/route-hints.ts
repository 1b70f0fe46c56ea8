import type { Hint, Rates, RouteRow, Severity } from "../console-view.ts";
import { leastRequests, worseWindow } from "../read-model/rates.ts";
import { causeOf, usualError, usualRefusal } from "./causes.ts";
import { failureInWords } from "./failure-words.ts";
import { counted, lasting, limitInWords, listed, percent, theLast } from "./in-words.ts";
import { hint, type Look, type Situation } from "./situation.ts";

const failingShare = 0.01;
const urgentShare = 0.05;
const fallbackShare = 0.1;
const missedShare = 0.1;
const limitedShare = 0.05;
/** A plan's job makes a new certificate long before. */
const expiringMs = 24 * 3_600_000;

type ShareName = Parameters<typeof worseWindow>[1];

/** The routes of which a share is that large, with the window in which it is. */
const withShare = (routes: readonly RouteRow[], name: ShareName, least: number) =>
  routes.flatMap(({ route, ...row }) => {
    const window = worseWindow(row, name);
    const share = window?.[name] ?? 0;
    return window === null || share < least ? [] : [{ route, share, of: over(window) }];
  });

export const routesDown: Look = ({ routes }) =>
  routes
    .filter(({ health }) => health === "down")
    .map(({ route, candidates, away }) => {
      const names = listed(away.map(({ backend }) => backend));
      const sentence =
        candidates === 0
          ? `Route ${route} has no candidate left: every request gets an error`
          : `Route ${route} has no candidate that is ready: ${names} ${candidates === 1 ? "is" : "are"} ejected, and called all the same for want of others`;
      return hint("urgent", "route_down", [sentence, "See its backends below"], { route });
    });

export const failingRoutes: Look = ({ routes, facts }) =>
  withShare(routes, "failedShare", failingShare).map(({ route, share, of }) => {
    const severity = share >= urgentShare ? "urgent" : "warning";
    const error = usualError(facts.traffic.requests, route);
    const cause = causeOf(facts.traffic.requests, route);
    const sentence =
      `Route ${route} answers ${percent(share)} of ${of} with an error` +
      (error === null ? "" : `, mostly ${error}`) +
      because(cause);
    const advice = "Each of its last requests says which candidates were tried, and how they ended";
    return hint(severity, "route_failing", [sentence, advice], {
      route,
      backend: cause?.backend ?? null,
    });
  });

export const fallingBack: Look = ({ routes, facts }) =>
  withShare(routes, "fallbackShare", fallbackShare).map(({ route, share, of }) => {
    const cause = causeOf(facts.traffic.requests, route);
    const sentence = `Route ${route} falls back on ${percent(share)} of ${of}${because(cause)}`;
    const advice = "Clients get answers, from another candidate, and at its price";
    return hint("warning", "fallback_share", [sentence, advice], {
      route,
      backend: cause?.backend ?? null,
    });
  });

export const missedEnvelopes: Look = ({ routes }) =>
  withShare(routes, "missedShare", missedShare).map(({ route, share, of }) =>
    hint(
      "warning",
      "envelope_missed",
      [
        `Route ${route} serves ${percent(share)} of ${of} outside of its envelope: no candidate was expected to keep it`,
        "Compare the envelope with the latencies below: candidates have become slower or dearer, or the bounds are too tight",
      ],
      { route },
    ),
  );

export const limitedRoutes: Look = ({ routes, facts }) =>
  withShare(routes, "limitedShare", limitedShare).map(({ route, share, of }) => {
    const limit = usualRefusal(facts.traffic.requests, route);
    const cause = limit === null ? causeOf(facts.traffic.requests, route) : null;
    const why =
      limit === null ? because(cause) : `: most have used up their tenant's ${limitInWords(limit)}`;
    const sentence = `Route ${route} answers ${percent(share)} of ${of} with 429${why}`;
    const advice =
      limit === null
        ? "Nobody takes over: give the route another candidate, or the backend more quota"
        : "See the tenants' spend and limits below";
    return hint("warning", "route_limited", [sentence, advice], {
      route,
      backend: cause?.backend ?? null,
    });
  });

export const pinnedRoutes: Look = ({ facts: { table, at } }) =>
  Object.values(table?.entries.routes ?? {}).flatMap(({ name, pinned, baseline }) => {
    if (pinned === undefined) return [];
    const sentence = `Route ${name} has been pinned to its baseline ${baseline} for ${lasting(at - pinned.since)}: ${pinned.reason}`;
    const advice =
      "It is lifted once its answers are good again, or by the annotation switchyard.dev/unpin";
    return [hint("warning", "route_pinned", [sentence, advice], { route: name })];
  });

/** One hint for all routes of a kind: where no plan job runs each of them would have its own. */
export const uncertifiedRoutes: Look = ({ facts: { table, at } }) => {
  if (table === null) return [];
  const { routes, plans } = table.entries;
  const certified = Object.values(routes)
    .filter(
      ({ selection, quality }) =>
        selection === "CheapestWithinEnvelope" && quality.assurance === "Certified",
    )
    .map(({ name }) => ({ name, until: plans[name]?.current?.certificate?.expiresAt ?? null }));
  const where = (test: (until: number) => boolean) =>
    certified.filter(({ until }) => until !== null && test(until)).map(({ name }) => name);
  const without = certified.filter(({ until }) => until === null).map(({ name }) => name);
  return [
    ...certificateHint(
      where((until) => until <= at),
      {
        severity: "warning",
        code: "certificate_expired",
        what: "without a certificate since theirs expired",
      },
    ),
    ...certificateHint(
      where((until) => until > at && until <= at + expiringMs),
      {
        severity: "notice",
        code: "certificate_ending",
        what: "with a certificate that ends within a day",
      },
    ),
    ...certificateHint(without, {
      severity: "notice",
      code: "no_certificate",
      what: "without a certified plan",
    }),
  ];
};

function certificateHint(
  routes: readonly string[],
  { severity, code, what }: { severity: Severity; code: string; what: string },
): readonly Hint[] {
  const [first] = routes;
  if (first === undefined) return [];
  const sentence = `${counted(routes.length, "Certified route")} ${what}: ${listed(routes)}. Without one the baseline serves, at its price`;
  const advice = "Plans are made by switchyard plan, from labels: see the group's plan job";
  return [hint(severity, code, [sentence, advice], routes.length === 1 ? { route: first } : {})];
}

function over({ requests, overMs }: Rates): string {
  return `its ${counted(requests, "request")} of ${theLast(overMs)}`;
}

function because(cause: ReturnType<typeof causeOf>): string {
  return cause === null ? "" : `: backend ${cause.backend} ${failureInWords(cause.error)}`;
}

export const unroutedRequests: Look = ({ facts }: Situation) => {
  const { unrouted } = facts.traffic;
  const { answered, refused, limited, failed, aborted } = unrouted.recent;
  const all = answered + refused + limited + failed + aborted;
  if (all < leastRequests) return [];
  const sentence = `${counted(all, "request")} of the last five minutes reached no route: unknown models, missing or invalid keys`;
  return [
    hint("notice", "unrouted", [
      sentence,
      "Their records tell the error and the model that was asked for",
    ]),
  ];
};
