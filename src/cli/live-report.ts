import type { LiveGroup, LiveQuality } from "../policy/index.ts";
import { captioned, type DataTable } from "../pages/index.ts";
import { percent, ratio } from "./eval-report.ts";

const orDash = (share: number | null | undefined, write: (share: number) => string): string =>
  share === null || share === undefined ? "-" : write(share);

/** A line for each route or tenant. */
export function liveTable(noun: string, groups: readonly LiveGroup[]): DataTable {
  return {
    caption: `By ${noun}, measuring charged`,
    head: [
      noun,
      "requests",
      "cost, USD",
      "saved, %",
      "labels",
      "mean score, %",
      "kept, %",
      "95 % interval",
      "ECE",
    ],
    rows: groups.map(
      ({
        name,
        requests,
        costUsd,
        measuringUsd,
        saved,
        labels,
        correct,
        kept,
        calibrationError,
      }) => [
        name,
        String(requests),
        (costUsd + measuringUsd).toFixed(6),
        orDash(saved, percent),
        String(labels),
        orDash(correct, percent),
        orDash(kept?.estimate, percent),
        kept === null ? "-" : `${percent(kept.lower)}–${percent(kept.upper)}`,
        orDash(calibrationError, ratio),
      ],
    ),
  };
}

export function liveReport({ total, routes, tenants }: LiveQuality): string {
  const tables = [liveTable("route", [...routes, total]), liveTable("tenant", tenants)];
  return tables.map(captioned).join("\n\n");
}
