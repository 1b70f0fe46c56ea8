import type { DriftJudgement, DriftReport, RouteDrift } from "../../table/index.ts";

/** Characters of a sentence about a route; of more routes there is room for less. */
const sentences = [4_096, 256, 64];

/**
 * A report within so many bytes. Series that matter least go first, then the ends of sentences, and last routes of
 * which there is no news, which it then says.
 */
export function shortened(report: DriftReport, most: number): DriftReport {
  const fits = (each: DriftReport): boolean => Buffer.byteLength(JSON.stringify(each)) <= most;
  for (const each of shorterOnes(report)) if (fits(each)) return each;
  return withNewsAlone(shorterOnes(report).toArray().at(-1) ?? report, fits);
}

function* shorterOnes(report: DriftReport): Generator<DriftReport, void> {
  const longest = Math.max(0, ...Object.values(report.routes).map(({ series }) => series.length));
  for (let kept = longest; kept > 0; kept = Math.floor(kept / 2))
    yield eachRoute(report, (route) => cutTo(route, kept));
  for (const length of sentences)
    yield eachRoute(report, (route) => tersely(cutTo(route, 0), length));
}

const eachRoute = (report: DriftReport, make: (route: RouteDrift) => RouteDrift): DriftReport => ({
  ...report,
  routes: Object.fromEntries(
    Object.entries(report.routes).map(([name, route]) => [name, make(route)]),
  ),
});

const cutTo = (route: RouteDrift, kept: number): RouteDrift => ({
  ...route,
  series: route.series.slice(0, kept),
  left: Math.max(0, route.series.length - kept),
});

function tersely({ latency, accuracy, envelope, ...route }: RouteDrift, most: number): RouteDrift {
  const cut = ({ state, sentence }: DriftJudgement): DriftJudgement => ({
    state,
    sentence: sentence.length <= most ? sentence : `${sentence.slice(0, most - 1)}…`,
  });
  return {
    ...route,
    latency: cut(latency),
    accuracy: accuracy && cut(accuracy),
    envelope: envelope && cut(envelope),
  };
}

/** Pins come before all else: a route that is left out is no longer pinned. */
function withNewsAlone(report: DriftReport, fits: (each: DriftReport) => boolean): DriftReport {
  const routes = Object.entries(report.routes).toSorted(
    ([, left], [, right]) => weight(right) - weight(left),
  );
  for (let kept = routes.length; ; kept = Math.floor(kept * 0.9)) {
    const left = routes.length - kept;
    const said = `${left} of ${routes.length} routes are left out, since there is no room for them: split the group into classes.`;
    const shorter = {
      ...report,
      routes: Object.fromEntries(routes.slice(0, kept)),
      missing: [said, ...report.missing.slice(0, 10)],
    };
    if (kept === 0 || (left > 0 && fits(shorter))) return shorter;
  }
}

function weight({ latency, accuracy, envelope, pinned }: RouteDrift): number {
  const moved = [latency, accuracy, envelope].filter((each) => each?.state === "drifted").length;
  return moved + (pinned === null ? 0 : 4);
}
