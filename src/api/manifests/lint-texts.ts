import { notImplementedIn } from "../not-implemented.ts";
import type { Resource } from "../resource.ts";
import { problemAt } from "./check-shape.ts";
import type { ConfigMapManifest } from "./config-map.ts";
import type { Manifest } from "./manifest.ts";
import { parseResource } from "./parse-resource.ts";
import type { Problem } from "./problem.ts";
import { readManifests } from "./read-manifests.ts";

/**
 * Every problem of some YAML texts that can be told without comparing resources: what cannot be
 * read, what breaks a schema, what stands twice, and what this release does not act upon.
 */
export function lintTexts(files: readonly { file: string; text: string }[]): Problem[] {
  const read = files.map(({ file, text }) => readManifests(text, file));
  const manifests = read.flatMap((each) => each.manifests);
  const configMaps = read.flatMap((each) => each.configMaps);
  return [
    ...read.flatMap((each) => each.problems),
    ...repeatedManifests([...manifests, ...configMaps]),
    ...manifests.flatMap(lintManifest),
  ];
}

function lintManifest(manifest: Manifest): Problem[] {
  const parsed = parseResource(manifest);
  return parsed.ok ? lintNotImplemented(parsed.value) : parsed.error;
}

function lintNotImplemented(resource: Resource): Problem[] {
  return notImplementedIn(resource).map(({ steps, effect, message }) => ({
    ...problemAt(steps, resource.source, message),
    severity: effect === "Refuse" ? "Error" : "Warning",
  }));
}

type Named = Pick<Manifest | ConfigMapManifest, "kind" | "metadata" | "source">;

/** Manifests whose kind, namespace and name an earlier one has: of two, no reader knows which is meant. */
export function repeatedManifests(manifests: readonly Named[]): Problem[] {
  const first = new Map<string, Named>();
  return manifests.flatMap((manifest) => {
    const { kind, metadata, source } = manifest;
    const key = `${kind}/${metadata.namespace ?? "default"}/${metadata.name}`;
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, manifest);
      return [];
    }
    const place =
      earlier.source === undefined
        ? "before"
        : `in ${earlier.source.file}, line ${earlier.source.line}`;
    return [
      problemAt(
        ["metadata", "name"],
        source,
        `The ${kind} ${metadata.name} stands ${place} already: keep one of them.`,
      ),
    ];
  });
}
