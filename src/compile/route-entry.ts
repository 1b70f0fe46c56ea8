import type { EnvelopeSpec, ModelRouteSpec } from "../api/index.ts";
import { durationMs } from "../lib/index.ts";
import type { Envelope, RouteEntry } from "../table/index.ts";
import { safetyOf } from "./filters.ts";
import type { Draft } from "./intake.ts";
import { scaledUsd } from "./money.ts";

/** A route's spec in the table's terms, with all candidates that it names, whether they exist or not. */
export function routeEntry(
  { ref, labels, createdAt }: Draft<ModelRouteSpec>,
  spec: ModelRouteSpec,
): RouteEntry {
  const { fallback, quality } = spec;
  const [first] = spec.candidates;
  return {
    name: ref.name,
    type: spec.type,
    models: spec.models,
    access: spec.access,
    labels,
    envelope: envelopeOf(spec.envelope),
    quality: { floorPercent: quality.floorPercent, assurance: quality.assurance },
    baseline: spec.baseline?.name ?? first?.backend.name ?? "",
    selection: spec.selection.type,
    candidates: spec.candidates.map(({ backend, weight, maxSharePercent }) => ({
      backend: backend.name,
      weight: weight ?? 1,
      ...(maxSharePercent === undefined ? {} : { maxSharePercent }),
    })),
    ...armsOf(spec.arms),
    fallback: {
      when: fallback.when.toSorted(),
      maxAttempts: fallback.maxAttempts,
      totalTimeoutMs: durationMs(fallback.totalTimeout),
      retryBudgetPercent: fallback.retryBudgetPercent,
      ...(fallback.hedge === undefined ? {} : { hedge: fallback.hedge }),
    },
    ...safetyOf(spec.safety, ref.namespace),
    createdAt,
  };
}

export function envelopeOf({ firstTokenP95, totalP95, maxUsdPerRequest }: EnvelopeSpec): Envelope {
  return {
    ...(firstTokenP95 === undefined ? {} : { firstTokenP95Ms: durationMs(firstTokenP95) }),
    ...(totalP95 === undefined ? {} : { totalP95Ms: durationMs(totalP95) }),
    ...(maxUsdPerRequest === undefined ? {} : { maxMicroUsd: scaledUsd(maxUsdPerRequest, 6) }),
  };
}

function armsOf(arms: ModelRouteSpec["arms"]): Pick<RouteEntry, "arms"> {
  if (arms === undefined || arms.shadowPercent + arms.controlPercent === 0) return {};
  const { shadowPercent, controlPercent, comparison } = arms;
  const judge = comparison?.judge?.route.name;
  return {
    arms: {
      shadowPercent,
      controlPercent,
      ...(comparison === undefined
        ? {}
        : { comparison: judge === undefined ? { type: "Agreement" } : { type: "Judge", judge } }),
    },
  };
}
