import type { Markup, Piece } from "../../lib/index.ts";
import type { ConsoleView, LatencyFigures, LatencyRow } from "../console-view.ts";
import { millis, percent } from "../hints/in-words.ts";
import { sparkline } from "./drawings.ts";
import { chip, leftOut, orNothing, section, small, table, type Column } from "./pieces.ts";

export function latencySection({ latency, leftOut: left }: ConsoleView): Markup {
  if (latency.length === 0) {
    return section(
      "latency",
      "Latency",
      small("No attempt has ended in the last quarter of an hour."),
    );
  }
  const body = [
    table({
      caption:
        "P50 and P95 of this router's attempts in the last five minutes; courses of the P95 over a quarter of an hour",
      columns,
      rows: latency,
      keyOf: ({ route, backend }) => `${route}/${backend}`,
      toneOf: ({ slowerBy }) => (slowerBy === null ? null : "warning"),
    }),
    leftOut(left.latency, "pair"),
  ];
  return section("latency", "Latency", body);
}

const columns: readonly Column<LatencyRow>[] = [
  { name: "Route and backend", cell: ({ route, backend }) => [`${route} → `, backend] },
  {
    name: "Attempts",
    isNumber: true,
    cell: ({ attempts, failedShare }) => [
      String(attempts),
      failedShare === null || failedShare === 0 ? "" : small(`${percent(failedShare)} failed`),
    ],
  },
  {
    name: "First token",
    isNumber: true,
    cell: (row) => figures(row.firstToken, `First token of ${row.backend} on ${row.route}`),
  },
  {
    name: "Total",
    isNumber: true,
    cell: (row) => figures(row.total, `Total of ${row.backend} on ${row.route}`),
  },
  {
    name: "Lately",
    cell: ({ slowerBy }) =>
      slowerBy === null ? small("as before") : chip("warning", `${slowerBy.toFixed(1)} × as slow`),
  },
];

function figures(latency: LatencyFigures | null, what: string): Piece {
  return orNothing(latency, ({ p50Ms, p95Ms, p95BySlot }) => [
    `${millis(p50Ms)} / ${millis(p95Ms)}`,
    sparkline(p95BySlot, `${what}: P95 by minutes`),
  ]);
}
