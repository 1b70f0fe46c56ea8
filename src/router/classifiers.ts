import { err, ok, type Result } from "../lib/index.ts";
import { ClassifierEstimator } from "../routing/index.ts";
import { tableError, type RouteEntry, type TableError, type TablePointer } from "../table/index.ts";

/** Those that a snapshot's routes may ask. */
export interface Classifiers {
  /** What comes with the release; absent: only the backends' tiers tell how good they are. */
  builtIn?: ClassifierEstimator;
  /** The group's own. */
  own?: ClassifierEstimator;
}

/** The one that judges a route's requests. */
export function classifierFor(
  { builtIn, own }: Classifiers,
  { classifier }: Pick<RouteEntry, "classifier">,
): ClassifierEstimator | undefined {
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
  before: ClassifierEstimator | undefined,
): Result<ClassifierEstimator | undefined, TableError> {
  if (model === undefined) return ok(undefined);
  if (before?.digest === model.digest) return ok(before);
  const refuse = (why: string) =>
    err(tableError("ModelInvalid", `The group's classifier model ${why}`));
  if (bytes === undefined) return refuse("is missing");
  const read = ClassifierEstimator.read(bytes);
  if (!read.ok) return refuse(`cannot be used: ${read.error.message}`);
  const { digest } = read.value;
  if (digest !== model.digest) {
    return refuse(`has the digest ${digest}; the pointer says ${model.digest}`);
  }
  return read;
}
