import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
} from "jose";

/** A key pair as an issuer has it. */
export interface IssuerKey {
  kid: string;
  algorithm: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

export async function issuerKey(kid: string, algorithm = "ES256"): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" };
  return { kid, algorithm, privateKey, publicJwk };
}

export const audience = "switchyard";

/** In seconds since the epoch. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

/** What is undefined is left out. */
export type Claims = Readonly<Record<string, unknown>>;

interface Signing {
  key: IssuerKey;
  issuer: string;
  claims?: Claims;
  header?: Partial<JWTHeaderParameters>;
}

/** A token that is good for five minutes unless the claims say otherwise. */
export function signToken({ key, issuer, claims = {}, header = {} }: Signing): Promise<string> {
  const now = nowSeconds();
  const payload = { iss: issuer, aud: audience, iat: now, exp: now + 300, ...claims };
  const known = Object.entries(payload).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(known))
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: "JWT", ...header })
    .sign(key.privateKey);
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An identity provider on loopback: its OpenID configuration and its keys, and whatever else it is told to say. */
export interface TokenIssuer {
  url: string;
  keys: IssuerKey[];
  /** Paths that were asked for, in order. */
  asked: string[];
  /** In place of the usual answer; undefined takes that back. */
  answer: Answer | undefined;
  /** Members laid over the OpenID configuration. */
  configuration: Record<string, unknown>;
  sign(claims?: Claims, header?: Partial<JWTHeaderParameters>, key?: IssuerKey): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(...given: IssuerKey[]): Promise<TokenIssuer> {
  const keys = given.length > 0 ? given : [await issuerKey("first")];
  const server = createServer((request, response) => {
    issuer.asked.push(request.url ?? "");
    if (issuer.answer !== undefined) return issuer.answer(request, response);
    const said = sayings(issuer)[request.url ?? ""];
    response.statusCode = said === undefined ? 404 : 200;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(said ?? {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer: TokenIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    asked: [],
    answer: undefined,
    configuration: {},
    sign: (claims, header, key = issuer.keys[0]) => {
      if (key === undefined) throw new Error("The issuer has no key");
      const signing = { key, issuer: issuer.url };
      return signToken({ ...signing, ...(claims && { claims }), ...(header && { header }) });
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return issuer;
}

function sayings({ url, keys, configuration }: TokenIssuer): Record<string, unknown> {
  return {
    "/.well-known/openid-configuration": { issuer: url, jwks_uri: `${url}/keys`, ...configuration },
    "/keys": { keys: keys.map(({ publicJwk }) => publicJwk) },
  };
}
