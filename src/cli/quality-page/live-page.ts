import { errorOf, type LiveGroup, type LiveQuality } from "../../policy/index.ts";
import { percent, ratio } from "../eval-report.ts";
import { liveTable } from "../live-report.ts";
import { groupsPart } from "./groups-part.ts";
import { markup, type Markup } from "../../lib/index.ts";
import { page } from "../../pages/index.ts";
import { reliabilityPart } from "./reliability-part.ts";

/** A page of what live traffic came to. @param range names the time, @param floor that is drawn, as a share */
export function livePage(found: LiveQuality, range: string, floor: number): string {
  return page(`Live routing quality: ${range}`, [
    markup`<p>From the records of requests and the labels of their answers. Saved is the share of what the baselines would have cost for the same tokens, shadows and judges charged; kept is the share of the baseline's score, of requests whose own answer and whose baseline's were both labelled.</p>
${tiles(found.total)}
`,
    reliability(found),
    groups("route", found.routes, floor),
    groups("tenant", found.tenants, floor),
  ]);
}

function tiles({ requests, saved, kept, correct, labels }: LiveGroup): Markup {
  const of = (share: number | null | undefined): string =>
    share === null || share === undefined ? "–" : `${percent(share)} %`;
  const interval =
    kept === null ? "too few pairs" : `${percent(kept.lower)} to ${percent(kept.upper)} %`;
  return markup`<ul class="tiles"><li><b>${requests}</b><span>requests</span></li><li><b>${of(saved)}</b><span>saved</span></li><li><b>${of(kept?.estimate)}</b><span>kept; ${interval}</span></li><li><b>${of(correct)}</b><span>mean score of labelled answers</span></li><li><b>${labels}</b><span>labels</span></li></ul>`;
}

function reliability({ reliability: bins }: LiveQuality): Markup[] {
  if (bins.length === 0) {
    return [
      markup`<p>There are no labels, so that nothing can be said of how good answers were.</p>`,
    ];
  }
  return [
    markup`<h3>Whether chances are what they say</h3><p class="quiet">Calibration error ${ratio(errorOf(bins))}.</p>
`,
    reliabilityPart("live", "live judgement", bins),
  ];
}

function groups(noun: string, found: readonly LiveGroup[], floor: number): Markup[] {
  return groupsPart({
    id: `live-${noun}`,
    noun,
    table: liveTable(noun, found),
    kept: found.flatMap(({ name, kept }) => (kept === null ? [] : [{ name, ...kept }])),
    floor,
    note: `a floor of ${percent(floor)} %`,
  });
}
