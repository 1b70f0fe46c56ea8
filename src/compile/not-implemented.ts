import { notImplementedIn, type Finding, type Resource, type ResourceRef } from "../api/index.ts";
import { judge } from "./judgement.ts";

/** What a resource asks for and this release does not do. */
export interface Unimplemented {
  /** Ignoring these would loosen a restriction, so they make the resource invalid. */
  loosening: Finding[];
  warnings: Finding[];
}

export function findNotImplemented(resource: Resource, ref: ResourceRef): Unimplemented {
  const found: Unimplemented = { loosening: [], warnings: [] };
  for (const { path, effect, message } of notImplementedIn(resource)) {
    if (effect === "Refuse") found.loosening.push(judge("NotImplemented", ref, message, path));
    else found.warnings.push(judge("NotEnforced", ref, message, path));
  }
  return found;
}
