import type { Kind } from "./kinds/kind-names.ts";
import { pathText, type Path } from "./manifests/problem.ts";
import type { ModelBackend, ModelRoute, Resource, TenantPolicy } from "./resource.ts";

/** Refuse where ignoring the field would loosen a restriction; Warn elsewhere. */
export type Effect = "Refuse" | "Warn";

/** A field that the kinds have and this release does not act upon. */
export interface NotImplemented<Target extends Resource> {
  /** The field as documents name it; `[]` stands for any item of a list. */
  path: string;
  effect: Effect;
  /** A sentence that says what happens instead and what to do. */
  message: string;
  /** Where the author wrote the field so that it would matter; defaults never count. */
  places: (resource: Target) => Path[];
}

export interface NotImplementedField {
  path: string;
  /** The same path in steps, to find its line. */
  steps: Path;
  effect: Effect;
  message: string;
}

const backendFields: readonly NotImplemented<ModelBackend>[] = [];

const routeFields: readonly NotImplemented<ModelRoute>[] = [];

const tenantFields: readonly NotImplemented<TenantPolicy>[] = [];

/** Every field that this release does not act upon, by kind. */
export const notImplemented = {
  ModelBackend: backendFields,
  ModelRoute: routeFields,
  TenantPolicy: tenantFields,
} as const satisfies Record<Kind, unknown>;

/** What the resource asks for and this release does not do. */
export function notImplementedIn(resource: Resource): NotImplementedField[] {
  switch (resource.kind) {
    case "ModelBackend":
      return fieldsIn(backendFields, resource);
    case "ModelRoute":
      return fieldsIn(routeFields, resource);
    case "TenantPolicy":
      return fieldsIn(tenantFields, resource);
  }
}

function fieldsIn<Target extends Resource>(
  fields: readonly NotImplemented<Target>[],
  resource: Target,
): NotImplementedField[] {
  return fields.flatMap(({ places, effect, message }) =>
    places(resource).map((steps) => ({ path: pathText(steps), steps, effect, message })),
  );
}
