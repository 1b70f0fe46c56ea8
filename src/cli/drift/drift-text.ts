import { nameOfSeries, seriesHead, seriesRow, stateWord } from "../../drift/index.ts";
import { markdownTable } from "../../pages/index.ts";
import type { DriftJudgement, DriftReport, RouteDrift } from "../../table/index.ts";
import { visibleText } from "../visible-text.ts";

/** Series of a route that a terminal has room for; the page has them all. */
const mostSeries = 12;

/** The report for a terminal: a line for each route, then what has drifted, then what could not be seen. */
export function driftText(report: DriftReport): string {
  const routes = Object.entries(report.routes);
  const parts = [
    `Looked at ${new Date(report.lookedAt).toISOString()} at ${report.source}, from ${dayOf(report.from)} on.`,
    routes.length === 0
      ? "No route asks to be watched: set spec.drift."
      : markdownTable({
          head: ["Route", "Latency", "Accuracy", "Envelope", "Pinned"],
          rows: routes.map(routeRow),
        }),
    ...routes.flatMap(([name, route]) => seriesPart(name, route)),
    ...routes.flatMap(([name, route]) => untoldPart(name, route)),
    ...(report.missing.length === 0
      ? []
      : [`Not looked at:\n${report.missing.map((each) => `  ${each}`).join("\n")}`]),
  ];
  return parts.map((part) => part.split("\n").map(visibleText).join("\n")).join("\n\n");
}

function routeRow([name, { latency, accuracy, envelope, pinned }]: [string, RouteDrift]): string[] {
  const word = (judgement: DriftJudgement | null): string =>
    judgement === null ? "-" : stateWord(judgement.state);
  const kept = envelope?.state === "drifted" ? "missed" : word(envelope);
  return [name, word(latency), word(accuracy), kept, pinned === null ? "-" : dayOf(pinned.since)];
}

function seriesPart(name: string, { series }: RouteDrift): string[] {
  const drifted = series.filter(({ state }) => state === "drifted").slice(0, mostSeries);
  if (drifted.length === 0) return [];
  const table = markdownTable({
    head: seriesHead,
    rows: drifted.map(seriesRow),
  });
  const told = drifted.map((finding) => `  ${nameOfSeries(finding)}: ${finding.sentence}`);
  return [`${name}:\n${table}\n${told.join("\n")}`];
}

/** What is waited for, where a judgement could not be made. */
function untoldPart(name: string, { latency, accuracy, envelope }: RouteDrift): string[] {
  const untold = [latency, accuracy, envelope].filter((each) => each?.state === "insufficient");
  if (untold.length === 0) return [];
  return [`${name}:\n${untold.map((each) => `  ${each?.sentence ?? ""}`).join("\n")}`];
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A line for each route, for logs. */
export function driftLines(
  { lookedAt, source, routes, missing }: DriftReport,
  { namespace, routerClass }: { namespace: string; routerClass: string },
): string[] {
  const common = { level: "info", stream: "drift", namespace, class: routerClass, source };
  const told = Object.entries(routes).map(
    ([route, { latency, accuracy, envelope, pinned, series }]) =>
      JSON.stringify({
        ts: new Date(lookedAt).toISOString(),
        ...common,
        route,
        latency: latency.state,
        accuracy: accuracy?.state ?? null,
        envelope: envelope?.state ?? null,
        pinned: pinned !== null,
        drifted: series.filter(({ state }) => state === "drifted").map(({ sentence }) => sentence),
      }),
  );
  const unseen = missing.map((message) =>
    JSON.stringify({ ts: new Date(lookedAt).toISOString(), ...common, level: "warn", message }),
  );
  return [...told, ...unseen];
}
