import type { NodeHttpHandler } from "@smithy/node-http-handler";
import { guardedLookup } from "../lib/index.ts";
import type { ClientSettings } from "./aws-clients.ts";
import { BoundedHandler } from "./bounded-handler.ts";
import type { AwsCredentials } from "./contract.ts";

/**
 * What each AWS SDK client is made with. Retries are the router's: the SDK's own would hide a
 * throttled backend for seconds.
 */
interface SdkSettings {
  region: string;
  endpoint?: string;
  useFipsEndpoint: boolean;
  useDualstackEndpoint: boolean;
  credentials: () => Promise<AwsCredentials>;
  requestHandler: NodeHttpHandler;
  maxAttempts: 1;
  /** Else the SDK would prefer a bearer token of the environment. */
  authSchemePreference: string[];
}

export function sdkSettings(settings: ClientSettings): SdkSettings {
  const { region, endpoint, fips, dualStack } = settings;
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    // The SDK refuses them beside an endpoint, which is what it is.
    useFipsEndpoint: fips && endpoint === undefined,
    useDualstackEndpoint: dualStack && endpoint === undefined,
    credentials: asTheyAre(settings.credentials),
    requestHandler: http1(settings.connectMs),
    maxAttempts: 1,
    authSchemePreference: ["sigv4"],
  };
}

/** The SDK would keep what a provider once gave; this mark leaves that to the cell. */
function asTheyAre(provider: () => Promise<AwsCredentials>): () => Promise<AwsCredentials> {
  return Object.assign(async () => provider(), { memoized: true });
}

// The clients' default speaks HTTP/2, heeds no timeouts and fails on servers of HTTP/1.1. How many
// calls are under way at once is bounded by the router, not by a queue for sockets that nobody sees.
function http1(connectMs: number): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, lookup: guardedLookup };
  return new BoundedHandler({
    connectionTimeout: connectMs,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  });
}
