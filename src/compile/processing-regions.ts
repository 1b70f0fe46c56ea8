import type { ModelBackendSpec } from "../api/index.ts";

/** How ids of cross-region inference profiles begin; a plain model id begins with its vendor's name. */
const geographicPrefix = /^([a-z]{2}|[a-z]{2}-gov|apac|amer|emea|latam|global)\./;

/** Resources of an ARN that are served in their own region and nowhere else. */
const regionalResources = new Set([
  "foundation-model",
  "provisioned-model",
  "custom-model",
  "custom-model-deployment",
  "imported-model",
  "endpoint",
]);

/**
 * Every region in which a backend's requests may be processed, sorted; null where nobody has said,
 * which residency never accepts. What has one region by its nature needs no declaration.
 */
export function processingRegions({
  bedrock,
  sagemaker,
}: ModelBackendSpec): readonly string[] | null {
  if (bedrock === undefined) return sagemaker === undefined ? null : [sagemaker.region];
  const declared = bedrock.processingRegions;
  if (!isRegional(bedrock.modelId)) return declared?.toSorted() ?? null;
  // An author who declares more than the one knows of more; fewer regions than its own it cannot have.
  return [...new Set([bedrock.region, ...(declared ?? [])])].toSorted();
}

/** Whether a Bedrock model is served in the region that is called, by what its id says of it. */
function isRegional(modelId: string): boolean {
  if (modelId.startsWith("arn:")) {
    const [kind = ""] = modelId.split(":").slice(5).join(":").split("/");
    return regionalResources.has(kind);
  }
  // An id without a dot has no vendor: it may be an application inference profile's.
  return modelId.includes(".") && !geographicPrefix.test(modelId);
}

/**
 * What an embeddings model is known by, so that two regions or profiles of the same one are told from
 * two models: vectors of different models cannot be compared.
 */
export function modelIdentity(target: {
  modelId?: string;
  endpointName?: string;
  inferenceComponent?: string;
}): string {
  if (target.modelId !== undefined) {
    const id = target.modelId.startsWith("arn:")
      ? (target.modelId.split("/").at(-1) ?? "")
      : target.modelId;
    return id.replace(geographicPrefix, "");
  }
  return [target.endpointName, target.inferenceComponent]
    .filter((part) => part !== undefined)
    .join("/");
}
