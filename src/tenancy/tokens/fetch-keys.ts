import { Agent, request } from "undici";
import { guardedLookup } from "../../lib/index.ts";
import type { FetchedKeys, FetchKeys } from "./issuer-keys.ts";
import { readKeySet } from "./read-key-set.ts";
import type { IssuerPlace } from "./token-index.ts";

/** An OpenID configuration and a JWK set are a few kilobytes long. */
const longestAnswer = 256 * 1024;
const connectMs = 3_000;

/** What the API server says of its own tokens: its issuer, and a JWK set as it came. */
export type ReadCluster = (signal: AbortSignal) => Promise<{ issuer: unknown; keys: unknown }>;

export interface KeyFetcher {
  fetch: FetchKeys;
  close: () => Promise<void>;
}

/**
 * Fetches issuers' keys. Where they are was judged when the table was compiled; here no name may lead to where
 * no endpoint may be, no answer leads on to another address, and a configuration may name a place at its
 * issuer's own address alone.
 *
 * @param readCluster absent where there is no cluster
 */
export function keyFetcher(readCluster?: ReadCluster): KeyFetcher {
  const agent = new Agent({
    allowH2: false,
    connections: 2,
    keepAliveTimeout: 1_000,
    connect: { lookup: guardedLookup, timeout: connectMs },
  });
  return {
    fetch: async (place, signal) => {
      if (place.keys.type === "Cluster") return clusterKeys(readCluster, signal);
      const { issuer = "" } = place;
      const uri = await keysUri(issuer, place, agent, signal);
      return { issuer, keys: soundKeys(await getJson(uri, agent, signal), uri) };
    },
    close: () => agent.destroy(),
  };
}

async function clusterKeys(
  readCluster: ReadCluster | undefined,
  signal: AbortSignal,
): Promise<FetchedKeys> {
  if (readCluster === undefined) {
    throw new Error(
      "There is no cluster here: SWITCHYARD_CLUSTER_ISSUER and SWITCHYARD_CLUSTER_JWKS are not set",
    );
  }
  const { issuer, keys } = await readCluster(signal);
  if (typeof issuer !== "string" || issuer === "")
    throw new Error("The API server's OpenID configuration names no issuer");
  return { issuer, keys: soundKeys(keys, "the API server") };
}

function soundKeys(value: unknown, from: string): FetchedKeys["keys"] {
  const keys = readKeySet(value);
  if (keys.ok) return keys.value;
  throw new Error(`What ${from} answered cannot be used: ${keys.error}`);
}

async function keysUri(
  issuer: string,
  { keys }: IssuerPlace,
  agent: Agent,
  signal: AbortSignal,
): Promise<string> {
  if (keys.type === "Jwks") return keys.uri;
  const at = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const { issuer: named, jwks_uri: uri } = Object(await getJson(at, agent, signal)) as Record<
    string,
    unknown
  >;
  if (named !== issuer) throw new Error(`What ${at} answered is of another issuer`);
  if (typeof uri !== "string" || !URL.canParse(uri))
    throw new Error(`What ${at} answered names no jwks_uri`);
  if (new URL(uri).origin !== new URL(issuer).origin) {
    throw new Error(
      `What ${at} answered names keys at another address, ${new URL(uri).origin}: set jwksUri in the policy`,
    );
  }
  return uri;
}

async function getJson(uri: string, agent: Agent, signal: AbortSignal): Promise<unknown> {
  const { statusCode, body } = await request(uri, {
    dispatcher: agent,
    headers: { accept: "application/json, application/jwk-set+json" },
    signal,
  }).catch((error: unknown) => {
    throw new Error(`${uri} cannot be reached: ${reasonOf(error)}`, { cause: error });
  });
  if (statusCode !== 200) {
    // Destroyed, it would throw where nobody listens.
    await body.dump({ limit: 1_024, signal }).catch(() => undefined);
    throw new Error(`${uri} answered ${statusCode}`);
  }
  const text = await readText(body, uri);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${uri} answered what is no JSON`, { cause: error });
  }
}

async function readText(body: AsyncIterable<Uint8Array>, uri: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of body) {
      bytes += part.length;
      if (bytes > longestAnswer) break;
      parts.push(part);
    }
  } catch (error) {
    throw new Error(`${uri} broke off: ${reasonOf(error)}`, { cause: error });
  }
  if (bytes > longestAnswer) throw new Error(`${uri} answered more than ${longestAnswer} bytes`);
  return Buffer.concat(parts).toString("utf8");
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === "string" ? code : String(message);
}
