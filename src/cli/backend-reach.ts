import { fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { AwsCredentials, Reach, ReachBackend } from "../providers/index.ts";
import type { BackendEntry } from "../table/index.ts";

/** What stands in for AWS in local mode. */
export interface StandIn {
  url: string;
  credentials: AwsCredentials;
}

type CredentialSource = Reach["credentials"];

/** A backend that names an endpoint is called there; the others at AWS, or at what stands in for it. */
export function reachBackends(standIn?: StandIn): ReachBackend {
  const ambient = ambientCredentials();
  const roles = new Map<string, CredentialSource>();
  return (backend) => {
    const { endpoint } = backend.target;
    if (endpoint === undefined && standIn !== undefined) {
      return { endpoint: standIn.url, credentials: async () => standIn.credentials };
    }
    const credentials = credentialsOf(backend, ambient, roles);
    return endpoint === undefined ? { credentials } : { endpoint, credentials };
  };
}

function credentialsOf(
  { credentials, target }: BackendEntry,
  ambient: CredentialSource,
  roles: Map<string, CredentialSource>,
): CredentialSource {
  if (credentials.type === "Ambient") return ambient;
  const { roleArn, externalId } = credentials;
  const key = `${roleArn} ${externalId} ${target.region}`;
  const known = roles.get(key);
  if (known !== undefined) return known;
  const assume = fromTemporaryCredentials({
    params: { RoleArn: roleArn, ExternalId: externalId, RoleSessionName: "switchyard" },
    clientConfig: { region: target.region },
  });
  const source: CredentialSource = async () => assume();
  roles.set(key, source);
  return source;
}

/**
 * Pod Identity, IRSA, environment, files: what the SDK's chain finds. The chain is made anew for a
 * refresh, since it remembers what it once found.
 */
function ambientCredentials(): CredentialSource {
  let chain = fromNodeProviderChain();
  return async ({ refresh = false } = {}) => {
    if (refresh) chain = fromNodeProviderChain();
    return chain();
  };
}
