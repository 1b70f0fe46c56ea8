import { z } from "zod";
import { apiVersion, group, isKind, kindNames, type Kind } from "../kinds/kind-names.ts";
import { label, objectName } from "../kinds/scalars.ts";
import { checkShape, problemAt } from "./check-shape.ts";
import { readFallbackOn } from "./fallback-on.ts";
import type { Manifest, Source } from "./manifest.ts";
import type { Path, Problem } from "./problem.ts";
import { readableMetadata } from "./readable-metadata.ts";

/** Neither member is set where the object is none of ours; both where it is taken with a warning. */
export interface Reading {
  manifest?: Manifest;
  /** Why the object cannot be told for a resource of ours, though it should be one; or what to write otherwise. */
  problem?: Problem;
}

type Members = Readonly<Record<string, unknown>>;

/** Takes an object, from a file or from the API server, for a manifest of one of the kinds. */
export function toManifest(value: unknown, source?: Source): Reading {
  const stray = (path: Path, message: string): Reading => ({
    problem: problemAt(path, source, message),
  });
  const passed = (path: Path, message: string): Reading => ({
    problem: { ...problemAt(path, source, message), severity: "Warning" },
  });
  if (value === null || value === undefined) return {};
  if (!isMembers(value))
    return passed(
      [],
      "This is passed over: a resource is a map of apiVersion, kind, metadata and spec.",
    );
  const { apiVersion: claimed, kind } = value;
  if (isOurs(claimed)) {
    if (claimed !== apiVersion)
      return stray(["apiVersion"], `There is no such version of ${group}: write ${apiVersion}.`);
    if (isKind(kind)) return identified(value, kind, source);
    return stray(
      ["kind"],
      `There is no such kind in ${group}: write one of ${kindNames.join(", ")}.`,
    );
  }
  if (isKind(kind)) {
    return claimed === undefined
      ? stray(["apiVersion"], `This is missing: write ${apiVersion}.`)
      : passed(
          ["apiVersion"],
          `This is passed over: for a ${kind} of Switchyard write ${apiVersion}.`,
        );
  }
  return claimed === undefined
    ? passed([], "This is passed over, because it has no apiVersion.")
    : {};
}

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isOurs = (claimed: unknown): boolean =>
  typeof claimed === "string" && (claimed === group || claimed.startsWith(`${group}/`));

const identity = z.object({ name: objectName(), namespace: label().exactOptional() });

/** Without a name there is nothing to keep or to report on; every other fault stays with the manifest. */
function identified(value: Members, kind: Kind, source: Source | undefined): Reading {
  const named = checkShape(identity, value["metadata"], { path: ["metadata"], source });
  if (!named.ok)
    return { problem: named.error[0] ?? problemAt(["metadata"], source, "Write a name.") };
  const whole = checkShape(document, value, { path: [], source });
  const on = readFallbackOn(kind, value["spec"]);
  return {
    ...(on === undefined
      ? {}
      : { problem: { ...problemAt(on.path, source, on.message), severity: "Warning" } }),
    manifest: {
      apiVersion,
      kind,
      metadata: { ...readableMetadata(value["metadata"]), ...named.value },
      spec: on?.spec ?? value["spec"],
      ...(source === undefined ? {} : { source }),
      ...(whole.ok ? {} : { problems: whole.error }),
    },
  };
}

const texts = z.record(z.string(), z.string());

/** What Kubernetes knows in metadata beside what we read; the rest is a slip of somebody's. */
const unread = z.unknown().optional();

const document = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string().exactOptional(),
    uid: z.string().exactOptional(),
    generation: z.int().exactOptional(),
    creationTimestamp: z.string().exactOptional(),
    labels: texts.exactOptional(),
    annotations: texts.exactOptional(),
    generateName: unread,
    resourceVersion: unread,
    deletionTimestamp: unread,
    deletionGracePeriodSeconds: unread,
    ownerReferences: unread,
    finalizers: unread,
    managedFields: unread,
    selfLink: unread,
  }),
  spec: unread,
  status: unread,
});
