import type { ConfigMapManifest, Finding, ModelRouteSpec, ResourceRef } from "../api/index.ts";
import { err, type Result } from "../lib/index.ts";
import type { RouteEntry } from "../table/index.ts";
import type { Held } from "./held-config-maps.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";

/**
 * Looks at the classifier model in a ConfigMap. What a model is, only routing knows.
 *
 * @returns its digest, or what is wrong with it in a sentence
 */
export type ReadModel = (configMap: ConfigMapManifest) => Result<{ digest: string }, string>;

/** Where routes' classifiers come from. */
export interface ModelShelf {
  held: readonly Held[];
  read: ReadModel;
  /** Digest of the model that was published and can still be had; undefined where there is none. */
  kept: string | undefined;
}

/** A route and the form of it that serves. */
export interface SettledRoute {
  draft: Draft<ModelRouteSpec>;
  entry: RouteEntry;
  /** Whether that form is its text, and not the published one. */
  isText: boolean;
}

/** What a route would be judged by; no digest: by what comes with the release. */
interface Wish {
  digest?: string;
  finding?: Finding;
}

/**
 * Gives each route its classifier. A group has room for one of its own: that of the oldest route whose
 * text names one, else of the oldest published form; others make do with what comes with the release.
 *
 * @param settled by seniority
 */
export function assignClassifiers(
  settled: readonly SettledRoute[],
  shelf: ModelShelf,
  findings: Finding[],
): SettledRoute[] {
  const wishes = settled.map((route) => wishOf(route, shelf));
  const owner = wishes.findIndex(
    ({ digest }, index) => digest !== undefined && settled[index]?.isText === true,
  );
  const first = owner >= 0 ? owner : wishes.findIndex(({ digest }) => digest !== undefined);
  const own = wishes[first]?.digest;
  return settled.map((route, index) => {
    const { digest, finding } = wishes[index] ?? {};
    if (finding !== undefined) findings.push(finding);
    if (digest !== undefined && digest !== own) {
      findings.push(second(route.draft.ref, settled[first]?.entry.name ?? ""));
      return { ...route, entry: withClassifier(route.entry, undefined) };
    }
    return { ...route, entry: withClassifier(route.entry, digest) };
  });
}

function wishOf({ draft, entry, isText }: SettledRoute, shelf: ModelShelf): Wish {
  return isText ? textWish(draft, shelf) : publishedWish(draft.ref, entry, shelf);
}

function textWish({ ref, spec }: Draft<ModelRouteSpec>, shelf: ModelShelf): Wish {
  const name = spec?.classifier.configMap?.name;
  if (name === undefined) return {};
  const place = "spec.classifier.configMap.name";
  const held = shelf.held.find((each) => each.ref.name === name);
  if (held === undefined) {
    const message = `Route ${ref.name} wants the classifier of ConfigMap ${name}, and there is none of that name with the label switchyard.dev/holds: classifier, so what comes with Switchyard judges: apply it, or add the label.`;
    return { finding: judge("ClassifierNotFound", ref, message, place) };
  }
  const model = modelIn(held, shelf);
  if (model.ok) return { digest: model.value.digest };
  const { kept } = shelf;
  const instead =
    kept === undefined
      ? "what comes with Switchyard judges"
      : "the one that was published before judges";
  const message = `The classifier in ConfigMap ${name} cannot be used (${model.error.replace(/\.$/, "")}), so ${instead}: apply a sound one.`;
  const finding = judge("ClassifierInvalid", ref, message, place);
  return kept === undefined ? { finding } : { digest: kept, finding };
}

const modelIn = ({ isSound, configMap }: Held, { read }: ModelShelf): ReturnType<ReadModel> =>
  isSound ? read(configMap) : err("its text is not valid");

function publishedWish(ref: ResourceRef, { classifier }: RouteEntry, shelf: ModelShelf): Wish {
  if (classifier === undefined) return {};
  if (classifier === shelf.kept) return { digest: classifier };
  const found = shelf.held.some((held) => {
    const model = modelIn(held, shelf);
    return model.ok && model.value.digest === classifier;
  });
  if (found) return { digest: classifier };
  const message = `The published form of route ${ref.name} has lost its classifier, so what comes with Switchyard judges: apply the model again.`;
  return { finding: judge("ClassifierNotFound", ref, message, "spec.classifier") };
}

function second(ref: ResourceRef, owner: string): Finding {
  const message = `Route ${owner} has a classifier of its own, and its group has room for one, so what comes with Switchyard judges route ${ref.name}: name the same ConfigMap, or make it a route of another class.`;
  return judge("SecondClassifier", ref, message, "spec.classifier");
}

const known = new WeakMap<RouteEntry, RouteEntry>();

/** The same entry for the same classifier, so that what was made of it still holds. */
function withClassifier(entry: RouteEntry, classifier: string | undefined): RouteEntry {
  if (entry.classifier === classifier) return entry;
  const made = known.get(entry);
  if (made !== undefined && made.classifier === classifier) return made;
  const { classifier: _before, ...rest } = entry;
  const changed = classifier === undefined ? rest : { ...rest, classifier };
  known.set(entry, changed);
  return changed;
}
