import type { BackendEntry } from "../table/index.ts";

type Target = BackendEntry["target"];

/** What the provider is asked for: a Bedrock model id or ARN, a SageMaker endpoint's name. */
export function requestModelOf(target: Target): string {
  return target.type === "Bedrock" ? target.modelId : target.endpointName;
}

export function guardrailOf(target: Target): string | null {
  return target.type === "Bedrock" ? (target.guardrail?.id ?? null) : null;
}

/** Where the table says that the backend is called; a simulator that stands in for it is not told apart. */
export function serverOf({ type, endpoint, region }: Target): { address: string; port: number } {
  if (endpoint !== undefined) {
    const { hostname, port, protocol } = new URL(endpoint);
    return { address: hostname, port: Number(port) || (protocol === "http:" ? 80 : 443) };
  }
  const service = type === "Bedrock" ? "bedrock-runtime" : "runtime.sagemaker";
  return { address: `${service}.${region}.amazonaws.com`, port: 443 };
}
