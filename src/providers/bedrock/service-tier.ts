import type { ServiceTierType } from "@aws-sdk/client-bedrock-runtime";
import type { BedrockTarget } from "../../table/index.ts";

/** The kind writes its values as Kubernetes does, in capitals; Bedrock has them in lower case. */
export function serviceTierOf({ serviceTier }: BedrockTarget): ServiceTierType | undefined {
  return serviceTier?.toLowerCase() as ServiceTierType | undefined;
}
