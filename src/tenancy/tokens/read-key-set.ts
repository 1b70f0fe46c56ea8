import type { JSONWebKeySet, JWK } from "jose";
import { err, ok, type Result } from "../../lib/index.ts";

/** As many keys of one issuer as are looked at. */
const mostKeys = 100;

/** What a public key is made of. The rest is left out: above all private members, which would make it another thing. */
const publicMembers = ["kty", "n", "e", "crv", "x", "y", "kid", "alg", "use", "key_ops"] as const;

const publicKinds = new Set<unknown>(["RSA", "EC", "OKP"]);

/** The public keys of a JWK set, of which nothing is believed; a secret key among them is passed over. */
export function readKeySet(value: unknown): Result<JSONWebKeySet, string> {
  const keys = isObject(value) ? value["keys"] : undefined;
  if (!Array.isArray(keys)) return err("it is no JWK set: there is no list of keys in it");
  if (keys.length > mostKeys) return err(`it holds more than ${mostKeys} keys`);
  const publicKeys = keys.flatMap(publicKey);
  return publicKeys.length === 0 ? err("it holds no public key") : ok({ keys: publicKeys });
}

function publicKey(key: unknown): JWK[] {
  if (!isObject(key) || !publicKinds.has(key["kty"])) return [];
  const members = publicMembers.flatMap((name) =>
    Object.hasOwn(key, name) ? [[name, key[name]] as const] : [],
  );
  const made: Record<string, unknown> = Object.fromEntries(members);
  return [made as unknown as JWK];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
