import { annotations, parseResource, type Manifest, type ModelRouteSpec } from "../../api/index.ts";
import { envelopeOf, groupsOf } from "../../compile/index.ts";
import type { WatchedRoute } from "../../drift/index.ts";
import type { Group } from "../folder-tables.ts";

export interface FoundRoutes {
  routes: WatchedRoute[];
  /** Of routes that ask to be watched and cannot be, each as a sentence. */
  missing: string[];
}

/** The routes of a group that ask to be watched for drift. */
export function watchedRoutes(manifests: readonly Manifest[], group: Group): FoundRoutes {
  const found: FoundRoutes = { routes: [], missing: [] };
  for (const manifest of manifests) {
    if (!isOf(manifest, group) || !asksForIt(manifest)) continue;
    const parsed = parseResource(manifest);
    if (parsed.ok && parsed.value.kind === "ModelRoute") {
      const { drift } = parsed.value.spec;
      if (drift !== undefined) found.routes.push(watchedRoute(manifest, parsed.value.spec, drift));
    } else if (!parsed.ok) {
      const why = parsed.error[0]?.message ?? "it is not valid";
      found.missing.push(`Route ${manifest.metadata.name} is not looked at: ${why}`);
    }
  }
  return found;
}

type DriftSpec = NonNullable<ModelRouteSpec["drift"]>;

function watchedRoute(
  { metadata }: Manifest,
  { baseline, envelope, quality }: ModelRouteSpec,
  drift: DriftSpec,
): WatchedRoute {
  const { distancePercent, p50Percent, p95Percent, goldenSet, onAccuracyDrift } = drift;
  const { floorPercent } = quality;
  return {
    name: metadata.name,
    baseline: baseline?.name ?? null,
    bounds: {
      distancePercent,
      p50Percent,
      p95Percent,
      floorPercent: baseline === undefined ? null : floorPercent,
    },
    envelope: envelopeOf(envelope),
    floorPercent,
    goldenSet: goldenSet?.configMap.name ?? null,
    pins:
      onAccuracyDrift === "PinBaseline" && !Object.hasOwn(metadata.annotations, annotations.unpin),
  };
}

function isOf(manifest: Manifest, { namespace, routerClass }: Group): boolean {
  const [found] = groupsOf([manifest]);
  return found?.namespace === namespace && found.routerClass === routerClass;
}

const asksForIt = ({ spec }: Manifest): boolean =>
  ((spec ?? {}) as { drift?: unknown }).drift !== undefined;
