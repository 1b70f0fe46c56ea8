import type { Finding, ResourceRef } from "../api/index.ts";
import type { BackendEntry, RouteEntry } from "../table/index.ts";
import { judge } from "./judgement.ts";
import { suits, vectorSpace } from "./suitability.ts";

interface CheckInput {
  ref: ResourceRef;
  /** With all candidates that the text names, in its order. */
  entry: RouteEntry;
  backends: ReadonlyMap<string, BackendEntry>;
  /** The owner of every model name that an older route holds. */
  claims: ReadonlyMap<string, string>;
}

type RouteCheck = (input: CheckInput) => Finding[];

/** What keeps a route's text out as a whole. Missing backends do not: the other candidates serve. */
const acceptance: readonly RouteCheck[] = [
  modelNamesAreFree,
  candidatesSuitTheType,
  candidatesEmbedAlike,
];

export function checkAcceptance(input: CheckInput): Finding[] {
  return acceptance.flatMap((check) => check(input));
}

function modelNamesAreFree({ ref, entry, claims }: CheckInput): Finding[] {
  return entry.models.flatMap((model, index) => {
    const owner = claims.get(model);
    if (owner === undefined) return [];
    const message = `Route ${owner} has the model name ${JSON.stringify(model)} already (the older route wins, then the first by name): choose another, or take it from ${owner}.`;
    return [judge("ModelNameTaken", ref, message, `spec.models[${index}]`)];
  });
}

function candidatesSuitTheType({ ref, entry, backends }: CheckInput): Finding[] {
  return entry.candidates.flatMap(({ backend: name }, index) => {
    const backend = backends.get(name);
    if (backend === undefined || suits(entry.type, backend)) return [];
    const message =
      entry.type === "Embeddings"
        ? `Backend ${name} has no capability Embeddings, and route ${ref.name} asks for it: name an embeddings model, or set type to Chat.`
        : `Backend ${name} only makes embeddings, and route ${ref.name} is for chat: name a chat model, or set type to Embeddings.`;
    return [judge("CapabilityMismatch", ref, message, candidatePath(index))];
  });
}

function candidatesEmbedAlike({ ref, entry, backends }: CheckInput): Finding[] {
  if (entry.type !== "Embeddings") return [];
  const known = entry.candidates.flatMap(({ backend: name }, index) => {
    const backend = backends.get(name);
    return backend === undefined || !suits("Embeddings", backend)
      ? []
      : [{ name, index, space: vectorSpace(backend) }];
  });
  const [first] = known;
  const other = known.find(({ space }) => space !== first?.space);
  if (first === undefined || other === undefined) return [];
  const message =
    `Backend ${other.name} is ${other.space} and ${first.name} is ${first.space}; vectors of two models cannot be compared: ` +
    "name candidates of one model, or make a route for each.";
  return [judge("EmbeddingsMismatch", ref, message, candidatePath(other.index))];
}

export const candidatePath = (index: number): string => `spec.candidates[${index}].backend.name`;
