import { floors, type Evaluation, type GroupQuality, type Judged } from "../../policy/index.ts";
import {
  area,
  chart,
  type DataTable,
  figure,
  scaleOf,
  type Series,
  whole,
} from "../../pages/index.ts";
import { percent, policyTable, ratio } from "../eval-report.ts";
import { markup, type Markup } from "../../lib/index.ts";
import { groupsPart } from "./groups-part.ts";
import { reliabilityPart } from "./reliability-part.ts";

export interface EvaluationSection {
  /** Of the page: letters and hyphens. */
  id: string;
  title: string;
  /** How the prompts were judged. */
  note: string;
  evaluation: Evaluation;
  /** In place of the table that the evaluation has by itself. */
  table?: DataTable;
}

/** Everything that is told of one way to judge policies. */
export function evaluationSection(section: EvaluationSection): Markup {
  const { id, title, note, evaluation } = section;
  const table = section.table ?? policyTable(title, evaluation);
  return markup`<section>
<h2>${title}</h2>
<p>${note}</p>
${tiles(evaluation)}
<h3>What is saved, and what is kept</h3>
<p class="quiet">Lines are swept: λ is chosen on the very prompts that are judged, which flatters every policy alike. Dots were fixed beforehand.</p>
${figure(savingCurve(id, evaluation), table)}
<h3>Whether chances are what they say</h3>
${reliabilityPart(id, evaluation.rows.at(-1)?.name ?? "", evaluation.reliability)}
${groupPart(`${id}-routes`, "route", evaluation.routes)}
${groupPart(`${id}-tenants`, "tenant", evaluation.tenants)}
</section>
`;
}

function tiles({ prompts, rows }: Evaluation): Markup {
  const main = rows.at(-1);
  const certified = (main?.certified ?? []).map(
    ({ saved, accuracyRatio }, place) =>
      markup`<li><b>${percent(saved)} %</b><span>saved at a certified floor of ${floorName(place)}; ${percent(accuracyRatio)} % kept</span></li>`,
  );
  return markup`<ul class="tiles">${certified}<li><b>${ratio(main?.apgr?.second ?? 0)}</b><span>APGR: the performance gap recovered from the second tier to the last</span></li><li><b>${ratio(main?.calibrationError ?? 0)}</b><span>calibration error</span></li><li><b>${prompts}</b><span>prompts judged</span></li></ul>`;
}

const floorName = (place: number): string => `${Math.round(100 * (floors[place] ?? 1))} %`;

const told = (name: string, { accuracyRatio, saved }: Judged): string =>
  `${name}: ${percent(saved)} % saved, ${percent(accuracyRatio)} % kept`;

/** From here on kept shares are drawn: nobody asks for floors below. */
const leastKept = 0.88;

function savingCurve(id: string, { rows, oracle, alwaysCheapest }: Evaluation): Markup {
  const lines = rows.filter(({ curve }) => curve.length > 0);
  const most = Math.max(
    1.02,
    ...lines.flatMap(({ curve }) => curve.map((each) => each.accuracyRatio)),
  );
  const until = Math.ceil(most * 50) / 50;
  const series: Series[] = lines.map(({ name, curve }, place) => ({
    name,
    look: place + 1,
    isLine: true,
    points: curve.map((each) => ({ x: each.accuracyRatio, y: each.saved, told: told(name, each) })),
  }));
  for (const [place, { name, certified }] of lines.entries()) {
    if (certified === undefined) continue;
    const points = certified.map((each, floor) => ({
      x: each.accuracyRatio,
      y: each.saved,
      told: told(`${name}, certified for ${floorName(floor)}`, each),
    }));
    series.push({ name: `${name}, certified`, look: place + 1, isLine: false, points });
  }
  return chart({
    id: `${id}-saved`,
    title: "Cost saved by share of correct answers kept",
    description: `Saved cost falls as more of the strongest tier's correct answers are kept; the table beside holds the figures at each floor. Always the cheapest saves ${percent(alwaysCheapest.saved)} % and keeps ${percent(alwaysCheapest.accuracyRatio)} %; an oracle saves ${percent(oracle.saved)} % and keeps ${percent(oracle.accuracyRatio)} %.`,
    x: {
      scale: scaleOf([leastKept, until], [area.left, area.right], 0.02),
      label: "correct answers kept, % of the strongest's",
      write: whole,
    },
    y: {
      scale: scaleOf([0, 1], [area.bottom, area.top], 0.2),
      label: "cost saved, %",
      write: whole,
    },
    series,
  });
}

function groupPart(id: string, noun: string, groups: readonly GroupQuality[]): Markup[] {
  const floor = floorName(0);
  return groupsPart({
    id,
    noun,
    table: {
      caption: `By ${noun}, under the policy certified for ${floor} over all of them`,
      head: [
        noun,
        "prompts",
        "strongest correct, %",
        "saved, %",
        "kept, %",
        "95 % interval",
        "ECE",
      ],
      rows: groups.map((each) => [
        each.name,
        String(each.prompts),
        percent(each.strongest),
        percent(each.saved),
        percent(each.kept.estimate),
        `${percent(each.kept.lower)}–${percent(each.kept.upper)}`,
        ratio(each.calibrationError),
      ]),
    },
    kept: groups.map(({ name, kept }) => ({ name, ...kept })),
    floor: floors[0],
    note: `the floor of ${floor}, which is certified for all of them together and not for each`,
  });
}
