import { markup, type Markup, type Piece } from "../../lib/index.ts";
import type { ConsoleView, Rates, RouteRow } from "../console-view.ts";
import { dollars, percent } from "../hints/in-words.ts";
import { addressOf, type Wish } from "../wish.ts";
import { sparkline } from "./drawings.ts";
import {
  chip,
  leftOut,
  orNothing,
  section,
  small,
  table,
  type Column,
  type Tone,
} from "./pieces.ts";

const health: Readonly<Record<RouteRow["health"], readonly [Tone, string]>> = {
  ok: ["good", "ok"],
  degraded: ["warning", "degraded"],
  failing: ["urgent", "failing"],
  down: ["urgent", "down"],
  quiet: ["quiet", "no traffic"],
};

export function routesSection({ routes, leftOut: left }: ConsoleView, wish: Wish): Markup {
  const body = [
    table({
      caption:
        "As this router saw the last five minutes; lines over a quarter of an hour, and costs since it began",
      columns: columnsFor(wish),
      rows: routes,
      keyOf: ({ route }) => route,
      toneOf: (row) => health[row.health][0],
    }),
    leftOut(left.routes, "route"),
  ];
  return section("routes", "Routes", body);
}

const columnsFor = (wish: Wish): readonly Column<RouteRow>[] => [
  {
    name: "Route",
    cell: ({ route, models, choice }) => [
      markup`<a href="${addressOf(wish, { filter: { route } }, "#requests")}">${route}</a>`,
      small(`${models.join(", ")} · ${choice}`),
    ],
  },
  { name: "Health", cell: (row) => chip(...health[row.health]) },
  { name: "Ready", isNumber: true, cell: readyCell },
  {
    name: "Requests/s",
    isNumber: true,
    cell: (row) => [
      rate(row.perSecond),
      sparkline(
        row.requestsBySlot,
        `Requests to ${row.route} over a quarter of an hour`,
        row.failedBySlot,
      ),
    ],
  },
  ...shareColumns,
  {
    name: "Cost, against the baseline",
    isNumber: true,
    cell: ({ costUsd, savedShare }) => [dollars(costUsd), small(savedText(savedShare))],
  },
];

/** What both scopes tell of a route. */
export const shareColumns: readonly Column<Shares>[] = [
  {
    name: "Errors",
    isNumber: true,
    cell: ({ failedShare, limitedShare = null }) => [
      share(failedShare, 0.01),
      limitedShare === null || limitedShare === 0 ? "" : small(`${percent(limitedShare)} got 429`),
    ],
  },
  {
    name: "Fallbacks",
    isNumber: true,
    cell: ({ fallbackShare }) => share(fallbackShare, 0.1),
  },
];

type Shares = Pick<Rates, "failedShare" | "fallbackShare"> & Partial<Pick<Rates, "limitedShare">>;

function readyCell({ ready, candidates, away }: RouteRow): Piece {
  const names = away.map(
    ({ backend, state }) => `${backend} ${state === "open" ? "ejected" : "tried again"}`,
  );
  return [`${ready} of ${candidates}`, names.length === 0 ? "" : small(names.join(", "))];
}

/** @param much from here on it stands out */
function share(value: number | null, much: number): Piece {
  return orNothing(value, (each) =>
    each >= much ? markup`<b>${percent(each)}</b>` : percent(each),
  );
}

export const rate = (perSecond: number): string =>
  perSecond === 0 ? "0" : perSecond.toFixed(perSecond < 10 ? 2 : 0);

export function savedText(savedShare: number | null): string {
  if (savedShare === null) return "nothing to compare";
  return savedShare >= 0 ? `${percent(savedShare)} saved` : `${percent(-savedShare)} dearer`;
}
