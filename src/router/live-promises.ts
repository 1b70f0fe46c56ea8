import type { RouteEntry } from "../table/index.ts";
import type { RoutePromise } from "../telemetry/index.ts";
import type { RouterParts } from "./parts.ts";

/** What the routes of the table in use promise, as metrics show it. */
export function livePromises({ tables }: Pick<RouterParts, "tables">): RoutePromise[] {
  return Object.values(tables.current?.table.routes ?? {}).flatMap(promisesOf);
}

function promisesOf({ name: route, type, envelope, quality }: RouteEntry): RoutePromise[] {
  const { firstTokenP95Ms, totalP95Ms, maxMicroUsd } = envelope;
  const bounds = [
    ["first_token", firstTokenP95Ms, 1_000],
    ["total", totalP95Ms, 1_000],
    ["cost", maxMicroUsd, 1_000_000],
  ] as const;
  const promises: RoutePromise[] = bounds.flatMap(([objective, value, scale]) =>
    value === undefined ? [] : [{ route, objective, value: value / scale }],
  );
  // Embeddings have no correctness to keep.
  if (type === "Embeddings") return promises;
  const assurance = quality.assurance === "Certified" ? "certified" : "estimated";
  return [
    ...promises,
    { route, objective: "quality", value: quality.floorPercent / 100, assurance },
  ];
}
