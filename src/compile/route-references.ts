import type { Finding, Reason, ResourceRef } from "../api/index.ts";
import type { RouteEntry } from "../table/index.ts";
import { judge } from "./judgement.ts";
import { candidatePath } from "./route-checks.ts";
import type { RouteScope } from "./route-scope.ts";
import { suits, vectorSpace } from "./suitability.ts";

/** A route's text with the candidates that can be called; what cannot is left out and reported. */
export function resolveText(
  entry: RouteEntry,
  ref: ResourceRef,
  scope: RouteScope,
  findings: Finding[],
): RouteEntry {
  const candidates = entry.candidates.filter(({ backend }) => scope.backends.has(backend));
  const rest =
    candidates.length > 0 ? "It is left out, and the other candidates serve." : "It is left out.";
  for (const [index, { backend }] of entry.candidates.entries()) {
    if (scope.backends.has(backend)) continue;
    const { reason, why } = absence(backend, ref, scope);
    const message = `Route ${ref.name} names the candidate ${backend}, ${why}. ${rest}${asBaseline(entry, backend)}`;
    findings.push(judge(reason, ref, message, candidatePath(index)));
  }
  return withCandidates(entry, candidates);
}

/**
 * A published form with the candidates that can be called today: frozen or kept, a route does not reach
 * a backend that is gone, nor one that has since become unfit for it.
 */
export function resolvePublished(
  entry: RouteEntry,
  ref: ResourceRef,
  scope: RouteScope,
  findings: Finding[],
): RouteEntry {
  const space = publishedSpace(entry, scope);
  const candidates = entry.candidates.filter(({ backend: name }) => {
    const loss = lossOf(name, { entry, space, ref, scope });
    if (loss === undefined) return true;
    const message = `The published form of route ${ref.name} loses its candidate ${name}, ${loss.why}.${asBaseline(entry, name)}`;
    findings.push(judge(loss.reason, ref, message));
    return false;
  });
  if (!entry.candidates.some(({ backend }) => backend === entry.baseline)) {
    const standIn =
      candidates.length === 0 ? "" : ", and the best other candidate stands in for it";
    const message = `The published form of route ${ref.name} has lost its baseline ${entry.baseline}: quality is not measured${standIn}.`;
    findings.push(judge("BackendNotFound", ref, message));
  }
  return withCandidates(entry, candidates);
}

/** The same entry where nothing is left out, so that what was made of it still holds. */
function withCandidates(entry: RouteEntry, candidates: RouteEntry["candidates"]): RouteEntry {
  return candidates.length === entry.candidates.length ? entry : { ...entry, candidates };
}

/** The model that an Embeddings route's vectors have been made with so far. */
function publishedSpace(entry: RouteEntry, { published }: RouteScope): string | undefined {
  if (entry.type !== "Embeddings" || published === undefined) return undefined;
  const [first] = entry.candidates.flatMap(({ backend }) => published.backends[backend] ?? []);
  return first === undefined ? undefined : vectorSpace(first);
}

interface Absence {
  reason: Reason;
  /** The end of a sentence on the backend. */
  why: string;
}

interface LossInput {
  entry: RouteEntry;
  space: string | undefined;
  ref: ResourceRef;
  scope: RouteScope;
}

/** Why a published candidate cannot serve any more; undefined where it can. */
function lossOf(name: string, { entry, space, ref, scope }: LossInput): Absence | undefined {
  const backend = scope.backends.get(name);
  if (backend === undefined) return absence(name, ref, scope);
  if (!suits(entry.type, backend)) {
    const why = "which cannot serve its type any more: change the route, or the backend back";
    return { reason: "CapabilityMismatch", why };
  }
  if (space === undefined || vectorSpace(backend) === space) return undefined;
  const why = `which has become ${vectorSpace(backend)}, where the route's vectors are ${space}: change the route, or the backend back`;
  return { reason: "EmbeddingsMismatch", why };
}

/** Why a backend cannot be called. */
function absence(name: string, { namespace }: ResourceRef, scope: RouteScope): Absence {
  if (scope.declared.has(name)) {
    return { reason: "BackendInvalid", why: "which exists and is not accepted" };
  }
  const meant = scope.suggest(name);
  const advice = meant === undefined ? "apply it, or name another" : `did you mean ${meant}?`;
  const why = `and namespace ${namespace} has no ModelBackend of that name (${advice})`;
  return { reason: "BackendNotFound", why };
}

function asBaseline({ baseline }: RouteEntry, name: string): string {
  if (baseline !== name) return "";
  return " It is the baseline too: until it is back quality is not measured against it.";
}
