import type { ConfigMapManifest, Manifest } from "../api/index.ts";
import { compileGoldenSet, type CompiledGoldenSet } from "../compile/index.ts";
import type { RecordSink } from "../records/index.ts";
import type { RoutingTable } from "../table/index.ts";
import { openAdminPort } from "./golden/admin-port.ts";
import { runGolden } from "./golden/run-golden.ts";
import type { Replay } from "./local-plans.ts";
import type { StoredModel } from "./model-store.ts";

/** Simulators bear it, and their answers come one behind the other. */
const concurrency = 24;
/** So many questions certify a floor of 95 %, and are asked in a few seconds. */
const mostQuestions = 160;
const longestMs = 120_000;

interface Sources {
  table: RoutingTable;
  manifests: readonly Manifest[];
  configMaps: readonly ConfigMapManifest[];
}

/**
 * What is to be asked of the routes that want a certificate, by the name of the route. A set is the route's by
 * its `drift.goldenSet`; where the folder holds one alone, nobody has to say so.
 */
export function localGoldenSets({
  table,
  manifests,
  configMaps,
}: Sources): ReadonlyMap<string, CompiledGoldenSet> {
  const sets = soundSets(configMaps);
  return new Map(
    certifiedRoutes(table).flatMap((route) => {
      const set = setFor(route, sets, manifests);
      return set === undefined ? [] : [[route, sampled(set)] as const];
    }),
  );
}

interface Asking {
  /** By the name of their route. */
  sets: ReadonlyMap<string, CompiledGoldenSet>;
  adminUrl: string;
  adminToken: string | undefined;
  model: StoredModel;
  records: RecordSink;
}

/** @returns undefined where there is nothing to ask */
export function localReplay({
  sets,
  adminUrl,
  adminToken,
  model,
  records,
}: Asking): Replay | undefined {
  if (sets.size === 0) return undefined;
  const admin = openAdminPort(adminUrl, adminToken);
  const ask: Replay["ask"] = async (routes, signal) => {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
    for (const [route, set] of sets) {
      if (!routes.has(route)) continue;
      const labels = records;
      await runGolden({ set, route, repeat: 1, admin, model, labels, concurrency, signal: bound });
    }
    // What has been asked is to be read at once.
    await records.flush();
  };
  return { routes: new Set(sets.keys()), ask };
}

/** Every so many of a longer set, so that easy questions and hard ones stay as many as they are. */
function sampled(set: CompiledGoldenSet): CompiledGoldenSet {
  const stride = set.items.length / mostQuestions;
  if (stride <= 1) return set;
  const items = set.items.filter(
    (_, place) => Math.floor(place / stride) !== Math.floor((place - 1) / stride),
  );
  return { ...set, items };
}

/** By the name of their ConfigMap. */
function soundSets(configMaps: readonly ConfigMapManifest[]): Map<string, CompiledGoldenSet> {
  const sets = new Map<string, CompiledGoldenSet>();
  for (const { holds, metadata, content } of configMaps) {
    const set = holds === "golden-set" ? compileGoldenSet(content, metadata.name) : undefined;
    if (set?.ok === true) sets.set(metadata.name, set.value);
  }
  return sets;
}

export const certifiedRoutes = ({ routes }: RoutingTable): string[] =>
  Object.values(routes)
    .filter(
      ({ type, selection, quality }) =>
        type === "Chat" &&
        selection === "CheapestWithinEnvelope" &&
        quality.assurance === "Certified",
    )
    .map(({ name }) => name);

function setFor(
  route: string,
  sets: ReadonlyMap<string, CompiledGoldenSet>,
  manifests: readonly Manifest[],
): CompiledGoldenSet | undefined {
  const manifest = manifests.find(
    ({ kind, metadata }) => kind === "ModelRoute" && metadata.name === route,
  );
  const named = manifest && goldenSetOf(manifest);
  if (named !== undefined) return sets.get(named);
  const [only, ...others] = sets.values();
  return others.length === 0 ? only : undefined;
}

function goldenSetOf({ spec }: Manifest): string | undefined {
  const { drift } = (spec ?? {}) as { drift?: { goldenSet?: { configMap?: { name?: string } } } };
  return drift?.goldenSet?.configMap?.name;
}
