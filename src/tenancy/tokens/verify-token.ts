import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { err, ok, type Result } from "../../lib/index.ts";
import type { SignatureAlgorithm } from "../../table/index.ts";

/** Why a token is none of its issuer's: a short code, for telemetry alone. */
export type TokenFault =
  | "algorithm"
  | "claims"
  | "expired"
  | "malformed"
  | "not_yet_valid"
  | "signature"
  | "token_type"
  | "unknown_key"
  | "issuer";

export interface VerifiedToken {
  payload: JWTPayload;
  algorithm: string;
  /** In milliseconds since the epoch, the tolerance included. */
  until: number;
}

export interface Verification {
  issuer: string;
  algorithms: readonly SignatureAlgorithm[];
  keys: JWTVerifyGetKey;
  /** Milliseconds since the epoch. */
  now: number;
}

/** How far the clocks of issuers and routers may be apart, in seconds. */
const toleranceSeconds = 30;

/** `typ` of tokens for APIs; of others, such as logout tokens, nobody means to let a caller in. */
const tokenTypes = new Set<string | undefined>([undefined, "jwt", "at+jwt"]);

/** Verifies signature, issuer and times. It never throws: whatever is wrong with a token is its own fault. */
export async function verifyToken(
  token: string,
  { issuer, algorithms, keys, now }: Verification,
): Promise<Result<VerifiedToken, TokenFault>> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer,
      algorithms: [...algorithms],
      requiredClaims: ["exp"],
      clockTolerance: toleranceSeconds,
      currentDate: new Date(now),
    });
    const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, "");
    if (!tokenTypes.has(type)) return err("token_type");
    const { exp = 0, iat } = payload;
    if (iat !== undefined && iat * 1_000 > now + toleranceSeconds * 1_000)
      return err("not_yet_valid");
    const until = (exp + toleranceSeconds) * 1_000;
    return ok({ payload, algorithm: protectedHeader.alg, until });
  } catch (error) {
    return err(faultOf(error));
  }
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "nbf") return "not_yet_valid";
    return error.claim === "iss" ? "issuer" : "claims";
  }
  const code = error instanceof errors.JOSEError ? error.code : "";
  // Else a header that is not supported, or a key that its issuer published and nobody can use.
  return faults.get(code) ?? "signature";
}

const faults: ReadonlyMap<string, TokenFault> = new Map([
  [errors.JWTExpired.code, "expired"],
  [errors.JOSEAlgNotAllowed.code, "algorithm"],
  [errors.JWKSNoMatchingKey.code, "unknown_key"],
  // Without a key's id one key must fit: the others would be tried at the caller's bidding.
  [errors.JWKSMultipleMatchingKeys.code, "unknown_key"],
  [errors.JWSInvalid.code, "malformed"],
  [errors.JWTInvalid.code, "malformed"],
]);
