import { errorOf, type ReliabilityBin } from "../../policy/index.ts";
import { percent, ratio } from "../eval-report.ts";
import { area, chart, figure, scaleOf, whole } from "../../pages/index.ts";
import type { Markup } from "../../lib/index.ts";

/** The reliability curve and its figures. @param name of whatever said the chances */
export function reliabilityPart(id: string, name: string, bins: readonly ReliabilityBin[]): Markup {
  return figure(curveOf(id, name, bins), {
    caption: `${name}: answers by the chance that was said of them`,
    head: ["said, %", "came, %", "answers"],
    rows: bins.map((each) => [percent(each.said), percent(each.came), String(each.answers)]),
  });
}

function curveOf(id: string, name: string, bins: readonly ReliabilityBin[]): Markup {
  const points = bins.map(({ said, came, answers }) => ({
    x: said,
    y: came,
    told: `${percent(said)} % said, ${percent(came)} % came, of ${answers} answers`,
  }));
  const ideal = [0, 1].map((share) => ({ x: share, y: share, told: `${whole(share)} %` }));
  return chart({
    id: `${id}-reliability`,
    title: "Chances said and shares that came true",
    description: `Answers by the chance of being correct that was said of them, and how many were. On the diagonal both are equal; the mean distance from it is ${ratio(errorOf(bins))}. The table beside holds the figures.`,
    x: {
      scale: scaleOf([0, 1], [area.left, area.right], 0.2),
      label: "said to be correct, %",
      write: whole,
    },
    y: {
      scale: scaleOf([0, 1], [area.bottom, area.top], 0.2),
      label: "were correct, %",
      write: whole,
    },
    series: [
      { name: "as it should be", look: 1, isLine: true, points: ideal },
      { name, look: 5, isLine: true, points },
    ],
  });
}
