import type { Manifest } from "../api/index.ts";

/** Whether some backend names no endpoint. Its text is looked at as it stands: it may be invalid elsewhere. */
export function needsSimulators(manifests: readonly Manifest[]): boolean {
  return manifests.some(({ kind, spec }) => kind === "ModelBackend" && !namesEndpoint(spec));
}

function namesEndpoint(spec: unknown): boolean {
  const { bedrock, sagemaker } = (spec ?? {}) as {
    bedrock?: { endpoint?: unknown } | null;
    sagemaker?: { endpoint?: unknown } | null;
  };
  return typeof (bedrock ?? sagemaker)?.endpoint === "string";
}
