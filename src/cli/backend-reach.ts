import type { AwsCredentials, Callee, Reach, ReachBackend } from "../providers/index.ts";
import type { AwsEnvironment } from "./aws-environment.ts";

/** What stands in for AWS in local mode. */
export interface StandIn {
  url: string;
  credentials: AwsCredentials;
}

type CredentialSource = Reach["credentials"];

const nothingSet: AwsEnvironment = { fips: false, dualStack: false, endpoints: {} };

/** A backend that names an endpoint is called there; the others at AWS, or at what stands in for it. */
export function reachBackends(
  standIn?: StandIn,
  { endpoints, fips, dualStack }: AwsEnvironment = nothingSet,
): ReachBackend {
  const ambient = ambientCredentials();
  const roles = new Map<string, CredentialSource>();
  return (backend) => {
    const { target } = backend;
    if (target.endpoint === undefined && standIn !== undefined) {
      return { endpoint: standIn.url, credentials: async () => standIn.credentials };
    }
    const endpoint = target.endpoint ?? endpoints[target.type];
    const credentials = credentialsOf(backend, ambient, roles);
    return endpoint === undefined ? { fips, dualStack, credentials } : { endpoint, credentials };
  };
}

function credentialsOf(
  { credentials, target }: Callee,
  ambient: CredentialSource,
  roles: Map<string, CredentialSource>,
): CredentialSource {
  if (credentials.type === "Ambient") return ambient;
  const { roleArn, externalId } = credentials;
  const key = `${roleArn} ${externalId} ${target.region}`;
  const known = roles.get(key);
  if (known !== undefined) return known;
  const source = assumedRole(roleArn, externalId, target.region);
  roles.set(key, source);
  return source;
}

// Loading the SDK takes a good part of a router's start, and where the simulators stand in nobody needs it.
const loadProviders = async () => import("@aws-sdk/credential-providers");

function assumedRole(roleArn: string, externalId: string, region: string): CredentialSource {
  let assume: Promise<() => Promise<AwsCredentials>> | undefined;
  return async () => {
    assume ??= loadProviders().then(({ fromTemporaryCredentials }) =>
      fromTemporaryCredentials({
        params: { RoleArn: roleArn, ExternalId: externalId, RoleSessionName: "switchyard" },
        clientConfig: { region },
      }),
    );
    return (await assume)();
  };
}

/**
 * Pod Identity, IRSA, environment, files: what the SDK's chain finds. The chain is made anew for a
 * refresh, since it remembers what it once found.
 */
function ambientCredentials(): CredentialSource {
  let chain: Promise<() => Promise<AwsCredentials>> | undefined;
  return async ({ refresh = false } = {}) => {
    if (refresh) chain = undefined;
    chain ??= loadProviders().then(({ fromNodeProviderChain }) => fromNodeProviderChain());
    return (await chain)();
  };
}
