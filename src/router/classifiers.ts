import { err, ok, type Result } from "../lib/index.ts";
import { Classifier, decodeModel, modelDigest } from "../routing/index.ts";
import { tableError, type RouteEntry, type TableError, type TablePointer } from "../table/index.ts";

/** A classifier at work, and the digest of its model. */
export interface ReadyClassifier {
  digest: string;
  classifier: Classifier;
}

/** Those that a snapshot's routes may ask. */
export interface Classifiers {
  /** What comes with the release; absent: only the backends' tiers tell how good they are. */
  builtIn?: ReadyClassifier;
  /** The group's own. */
  own?: ReadyClassifier;
}

/** The one that judges a route's requests. */
export function classifierFor(
  { builtIn, own }: Classifiers,
  { classifier }: Pick<RouteEntry, "classifier">,
): ReadyClassifier | undefined {
  if (classifier === undefined) return builtIn;
  return own?.digest === classifier ? own : undefined;
}

/**
 * The group's own classifier as a pointer names it, or undefined where it names none. A router builds
 * it while nobody waits for it, and what was built before is not built again.
 *
 * @param bytes of the model file; needed where `before` has another digest
 * @returns `ModelInvalid` where they are missing, of another digest, or none that this release reads
 */
export function ownClassifier(
  { model }: Pick<TablePointer, "model">,
  bytes: Uint8Array | undefined,
  before: ReadyClassifier | undefined,
): Result<ReadyClassifier | undefined, TableError> {
  if (model === undefined) return ok(undefined);
  if (before?.digest === model.digest) return ok(before);
  const refuse = (why: string) =>
    err(tableError("ModelInvalid", `The group's classifier model ${why}`));
  if (bytes === undefined) return refuse("is missing");
  const decoded = decodeModel(bytes);
  if (!decoded.ok) return refuse(`cannot be used: ${decoded.error.message}`);
  const digest = modelDigest(bytes);
  if (digest !== model.digest) {
    return refuse(`has the digest ${digest}; the pointer says ${model.digest}`);
  }
  return ok({ digest, classifier: new Classifier(decoded.value) });
}
