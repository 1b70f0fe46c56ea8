import { markup, type Markup } from "../../lib/index.ts";
import { dataTable, page } from "../../pages/index.ts";
import type { DriftJudgement, DriftReport, RouteDrift } from "../../table/index.ts";
import type { SeriesFinding } from "../finding.ts";
import type { DistributionSeries, Window } from "../series.ts";
import { histogramPlot, minute, nameOf, quantilePlot } from "./plots.ts";
import { figures, seriesHead, seriesRow, stateWord } from "./words.ts";

export interface PageInput {
  title: string;
  report: DriftReport;
  windows: readonly Window[];
  distributions: readonly DistributionSeries[];
}

/** A page grows by what is drawn: the gravest series of each route, and of all routes so many. */
const drawnOfRoute = 6;
const drawnOfAll = 36;

/** The report for people: what has drifted, since when and why, as it was and as it is, and what could not be seen. */
export function reportPage(input: PageInput): string {
  const { title, report } = input;
  const routes = Object.entries(report.routes).toSorted(([left, one], [right, other]) =>
    rank(one) === rank(other) ? (left < right ? -1 : 1) : rank(one) - rank(other),
  );
  let room = drawnOfAll;
  const parts = routes.map(([name, route], place) => {
    const drawn = route.series.slice(0, Math.min(room, drawnOfRoute));
    room -= drawn.length;
    return routePart({ name, route, drawn, id: `route-${place}`, input });
  });
  return page(title, [
    markup`<p>Looked at on ${minute(report.lookedAt)}, by ${report.source}, from ${minute(report.from)} to ${minute(report.to)}. Each series is compared with its own past.</p>
${tiles(report)}
${overview(routes)}
`,
    ...parts,
    missingPart(report),
  ]);
}

const rank = ({ latency, accuracy, envelope, pinned }: RouteDrift): number =>
  pinned !== null || [latency, accuracy, envelope].some((each) => each?.state === "drifted")
    ? 0
    : 1;

function tiles({ routes }: DriftReport): Markup {
  const all = Object.values(routes);
  const series = all.flatMap((route) => route.series);
  const count = (state: SeriesFinding["state"]): number =>
    series.filter((each) => each.state === state).length;
  const pinned = all.filter((route) => route.pinned !== null).length;
  return markup`<ul class="tiles"><li><b>${all.length}</b><span>routes watched</span></li><li><b>${count("drifted")}</b><span>series drifted</span></li><li><b>${count("ok")}</b><span>within bounds</span></li><li><b>${count("insufficient")}</b><span>too little known</span></li><li><b>${pinned}</b><span>routes pinned to their baseline</span></li></ul>`;
}

function overview(routes: readonly (readonly [string, RouteDrift])[]): Markup {
  const word = (judgement: DriftJudgement | null): string =>
    judgement === null ? "not asked for" : stateWord(judgement.state);
  return dataTable({
    caption: "Routes",
    head: ["Route", "Latency", "Accuracy", "Envelope", "Pinned since"],
    rows: routes.map(([name, { latency, accuracy, envelope, pinned }]) => [
      name,
      word(latency),
      word(accuracy),
      envelope?.state === "drifted" ? "missed" : word(envelope),
      pinned === null ? "–" : minute(pinned.since),
    ]),
  });
}

interface RoutePart {
  name: string;
  route: RouteDrift;
  drawn: readonly SeriesFinding[];
  id: string;
  input: PageInput;
}

function routePart({ name, route, drawn, id, input }: RoutePart): Markup {
  const { latency, accuracy, envelope, pinned, series, left } = route;
  const said = [latency, accuracy, envelope].flatMap((each) => (each === null ? [] : [each]));
  const pin =
    pinned === null
      ? []
      : [
          markup`<p><b>Pinned to its baseline since ${minute(pinned.since)}.</b> ${pinned.reason} The annotation switchyard.dev/unpin lifts it.</p>
`,
        ];
  const rest = left === 0 ? "" : ` ${left} more series are left out here.`;
  const told = series.filter(({ state }) => state !== "insufficient");
  return markup`<h2>${name}</h2>
${pin}${said.map(({ sentence }) => markup`<p>${sentence}</p>\n`)}${
    told.length === 0
      ? markup``
      : dataTable({
          caption: `Series, the gravest first.${rest}`,
          head: seriesHead,
          rows: told.map(seriesRow),
        })
  }${untoldPart(series.filter(({ state }) => state === "insufficient"))}
${drawn.map((finding, place) => seriesPart(finding, `${id}-${place}`, input))}`;
}

/** Folded away: a young installation has dozens of them, and each says what it waits for. */
function untoldPart(series: readonly SeriesFinding[]): Markup {
  if (series.length === 0) return markup``;
  const busiest = series.toSorted((left, right) => right.samples - left.samples);
  return markup`<details><summary>Too little is known of ${series.length} series: what each of them lacks</summary>
<ul>${busiest.map(({ sentence }) => markup`<li>${sentence}</li>`)}</ul></details>
`;
}

function seriesPart(
  finding: SeriesFinding,
  id: string,
  { distributions, windows }: PageInput,
): Markup {
  const series = distributions.find(
    ({ key, signal }) => signal === finding.signal && isSame(key, finding.key),
  );
  const plots =
    series === undefined
      ? []
      : [histogramPlot, quantilePlot].flatMap(
          (plot) => plot({ id, finding, series, windows }) ?? [],
        );
  if (plots.length === 0 && finding.state !== "drifted") return markup``;
  const drawing =
    plots.length === 0
      ? markup``
      : markup`<div class="twins">${plots.map((plot) => markup`<figure>${plot}</figure>`)}</div>
`;
  return markup`<h3>${nameOf(finding)}: ${stateWord(finding.state)}</h3>
<p>${finding.sentence}</p>
${causePart(finding)}${drawing}`;
}

function causePart({ cause, changedAt }: SeriesFinding): Markup {
  const when = changedAt === null ? "" : `It changed about ${minute(changedAt)}. `;
  if (cause === null) return when === "" ? markup`` : markup`<p>${when}</p>\n`;
  const { fact, from, to, share } = cause;
  const part =
    share === null
      ? "which changed at the same time"
      : `which explains ${figures(100 * share)} % of the change`;
  return markup`<p>${when}The likely cause is its ${fact.replace("_", " ")}: from ${from} to ${to}, ${part}.</p>
`;
}

const isSame = (one: SeriesFinding["key"], other: SeriesFinding["key"]): boolean =>
  one.route === other.route && one.backend === other.backend && one.tenant === other.tenant;

function missingPart({ missing }: DriftReport): Markup {
  if (missing.length === 0) return markup``;
  return markup`<h2>What could not be looked at</h2>
<ul>${missing.map((each) => markup`<li>${each}</li>`)}</ul>
`;
}
