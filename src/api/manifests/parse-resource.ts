import { err, ok, type Result } from "../../lib/index.ts";
import { specSchemas } from "../kinds/schemas.ts";
import type { Resource } from "../resource.ts";
import { checkShape } from "./check-shape.ts";
import type { Manifest } from "./manifest.ts";
import type { Problem } from "./problem.ts";

/**
 * The typed resource with its defaults filled in, or everything that is wrong with it. It looks at
 * this resource alone: whether what it refers to exists is compile's to say.
 */
export function parseResource(manifest: Manifest): Result<Resource, Problem[]> {
  const { kind, apiVersion, metadata, source } = manifest;
  const spec = checkShape(specSchemas[kind], manifest.spec, { path: ["spec"], source });
  const problems = [...(manifest.problems ?? []), ...(spec.ok ? [] : spec.error)];
  if (!spec.ok || problems.length > 0) return err(problems);
  const place = source === undefined ? {} : { source };
  // The schema was looked up by the kind, which TypeScript cannot follow through the union.
  return ok({ apiVersion, kind, metadata, spec: spec.value, ...place } as Resource);
}
