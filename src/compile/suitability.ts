import type { BackendEntry, RouteEntry } from "../table/index.ts";
import { modelIdentity } from "./processing-regions.ts";

/** Whether a backend can answer what a route's type asks. */
export function suits(type: RouteEntry["type"], { capabilities }: BackendEntry): boolean {
  const embeds = capabilities.includes("Embeddings");
  // A model of which nothing but Embeddings is declared cannot chat.
  return type === "Embeddings" ? embeds : !embeds || capabilities.length > 1;
}

/** Equal for backends whose vectors can be compared: one model, and one number of dimensions. */
export function vectorSpace({ target, embeddingDimensions }: BackendEntry): string {
  return `${modelIdentity(target)} with ${embeddingDimensions ?? 0} dimensions`;
}
