import type { Subject, TenantPolicySpec } from "../api/index.ts";
import { canonicalJson } from "../lib/index.ts";
import { contentDigest, shortDigest, type TokenEntry } from "../table/index.ts";
import { endpointProblem } from "./endpoint-rules.ts";
import type { ClassSettings } from "./settings.ts";

/** What API servers sign with; each makes a choice of its own among them. */
const clusterAlgorithms = ["RS256", "ES256", "ES384", "ES512"] as const;

/** What makes two subjects the same caller, as one text: where the keys are makes no difference. */
export function tokenIdentity({
  issuer,
  audience,
  claim,
  value,
}: Pick<TokenEntry, "issuer" | "audience" | "claim" | "value">): string {
  return canonicalJson(["Token", issuer ?? null, audience, claim, value]);
}

/**
 * The entry of a subject that is known by tokens; undefined for one that is known by a key.
 *
 * @param since when the policy was made, in milliseconds since the epoch
 */
export function tokenOf(
  { jwt, serviceAccount }: Subject,
  since: number,
  settings: ClassSettings,
): TokenEntry | undefined {
  if (jwt !== undefined) {
    const { issuer, jwksUri, audience, algorithms, claim, value } = jwt;
    return withId({
      type: "Jwt",
      issuer,
      keys: keysOfIssuer(jwksUri),
      audience,
      algorithms: [...new Set(algorithms)].toSorted(),
      claim,
      value,
      since,
    });
  }
  if (serviceAccount === undefined) return undefined;
  const { namespace, name, audience } = serviceAccount;
  return withId({
    type: "ServiceAccount",
    ...clusterIssuer(settings),
    audience,
    algorithms: clusterAlgorithms,
    claim: "sub",
    value: `system:serviceaccount:${namespace}:${name}`,
    since,
  });
}

function withId(entry: Omit<TokenEntry, "id">): TokenEntry {
  return { id: `token-${shortDigest(contentDigest(tokenIdentity(entry)))}`, ...entry };
}

function keysOfIssuer(jwksUri: string | undefined): TokenEntry["keys"] {
  return jwksUri === undefined ? { type: "Discovery" } : { type: "Jwks", uri: jwksUri };
}

function clusterIssuer({ serviceAccounts }: ClassSettings): Pick<TokenEntry, "issuer" | "keys"> {
  if (serviceAccounts === undefined || serviceAccounts === "Unknown")
    return { keys: { type: "Cluster" } };
  const { issuer, jwksUri } = serviceAccounts;
  return { issuer, keys: keysOfIssuer(jwksUri) };
}

/** The entries of a policy's subjects that are known by tokens. */
export function tokensOf(
  { subjects }: TenantPolicySpec,
  since: number,
  settings: ClassSettings,
): TokenEntry[] {
  return subjects.flatMap((subject) => tokenOf(subject, since, settings) ?? []);
}

/** Whether there is anybody to ask for the keys. */
export function hasIssuer({ keys }: TokenEntry, { serviceAccounts }: ClassSettings): boolean {
  return keys.type !== "Cluster" || serviceAccounts !== "Unknown";
}

/** Why a class does not let its routers fetch the keys of a token's issuer; undefined where it does. */
export function keysProblem(token: TokenEntry, settings: ClassSettings): string | undefined {
  // Whoever keeps the class has named that of the cluster: the allow list is for authors of policies.
  if (token.type === "ServiceAccount") return undefined;
  const { keys, issuer = "" } = token;
  if (keys.type === "Jwks") return endpointProblem(keys.uri, settings, "name another jwksUri");
  return endpointProblem(issuer, settings, "set jwksUri to a host that is");
}
