// What it takes to tell who calls, by itself: without a router around it.
import { hash } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { systemClock } from "../../src/lib/index.ts";
import type { SignatureAlgorithm, TenantEntry, TokenEntry } from "../../src/table/index.ts";
import {
  buildKeyIndex,
  buildTokenIndex,
  Callers,
  readCredential,
  type KnownSubjects,
} from "../../src/tenancy/index.ts";

const issuer = "https://id.example.com";
const audience = "switchyard";
const algorithms = ["RS256", "ES256"] as const satisfies readonly SignatureAlgorithm[];
const key = "sy_the-key-of-a-tenant-that-is-known-by-its-key";
const tokensOfEach = 300;
const looks = 20_000;

/** A line for each way to be known: µs a request, of a token also for the first time that it is shown. */
export async function identityCostLines(): Promise<string[]> {
  const keys = await Promise.all(algorithms.map((algorithm) => generateKeyPair(algorithm)));
  const jwks = await Promise.all(
    keys.map(async ({ publicKey }, index) => ({
      ...(await exportJWK(publicKey)),
      kid: algorithms[index] ?? "",
    })),
  );
  const fetchKeys = async () => ({ issuer, keys: { keys: jwks } });
  const callers = new Callers({ clock: systemClock, fetchKeys });
  const subjects: KnownSubjects = {
    keys: buildKeyIndex({ tenants: { tenant } }),
    tokens: buildTokenIndex({ tenants: { tenant } }),
  };
  callers.adopt(subjects.tokens);
  const identify = async (shown: string): Promise<void> => {
    const credential = readCredential({ authorization: `Bearer ${shown}` });
    const known = await callers.identify(credential, subjects);
    if (!known.ok) throw new Error(known.error.message);
  };
  // What is compiled meanwhile is counted with none.
  await costOf(repeated(key, looks), identify);
  const rows: [string, number][] = [["API key", await costOf(repeated(key, looks), identify)]];
  for (const [index, { privateKey }] of keys.entries()) {
    const algorithm = algorithms[index] ?? "RS256";
    const tokens = await Promise.all(
      Array.from({ length: tokensOfEach }, (_, id) => sign(privateKey, algorithm, `${id}`)),
    );
    rows.push([`token, ${algorithm}, for the first time`, await costOf(tokens, identify)]);
    const [first = ""] = tokens;
    rows.push([`token, ${algorithm}, known`, await costOf(repeated(first, looks), identify)]);
  }
  return [
    "Who calls, alone, µs a request, mean",
    ...rows.map(([name, micros]) => `  ${name.padEnd(36)}${micros.toFixed(1).padStart(8)}`),
  ];
}

const token: TokenEntry = {
  id: "token-1",
  type: "Jwt",
  issuer,
  keys: { type: "Jwks", uri: `${issuer}/keys` },
  audience,
  algorithms,
  claim: "groups",
  value: "support",
  since: 0,
};

const tenant: TenantEntry = {
  name: "tenant",
  keys: [{ id: "key-1", sha256: hash("sha256", key) }],
  tokens: [token],
  routes: {},
  allowedBackends: null,
  residencyRegions: null,
  dataClasses: [],
  envelope: {},
  budgets: [],
  rateLimits: {},
  enforcement: "Enforce",
  storeFailure: "FailOpen",
};

/** As long as identity providers make them. */
const groups = ["support", ...Array.from({ length: 20 }, (_, index) => `group-${index}`)];

function sign(privateKey: CryptoKey, algorithm: string, id: string): Promise<string> {
  return new SignJWT({ groups, email: "somebody@example.com", jti: id })
    .setProtectedHeader({ alg: algorithm, kid: algorithm, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject("somebody")
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(privateKey);
}

const repeated = (shown: string, times: number): string[] =>
  Array.from({ length: times }, () => shown);

/** One after another: what a request waits, threads of the pool included. */
async function costOf(
  shown: readonly string[],
  identify: (shown: string) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  for (const each of shown) await identify(each);
  return ((performance.now() - began) * 1_000) / shown.length;
}
