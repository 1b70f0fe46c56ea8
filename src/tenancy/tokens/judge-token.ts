import { err, ok } from "../../lib/index.ts";
import { denial, type Identification } from "../identify.ts";
import type { Refusal, RefusalCode } from "../refusal.ts";
import { audienceHolds, claimHolds } from "./claims.ts";
import type { HeldKeys, IssuerKeys } from "./issuer-keys.ts";
import { readToken } from "./read-token.ts";
import {
  bySeniority,
  type IssuerGroup,
  type TokenIndex,
  type TokenSubject,
} from "./token-index.ts";
import { verifyToken, type TokenFault, type VerifiedToken } from "./verify-token.ts";

/** Who shows a token, with what that rests on; or why nobody does. */
export type Judged =
  | { identification: Identification; issuer: IssuerKeys; held: HeldKeys; until: number }
  | { refusal: Refusal };

interface Judging {
  /** Milliseconds since the epoch. */
  now: number;
  keysOf: (group: IssuerGroup) => IssuerKeys;
}

type Fault = TokenFault | "unknown_issuer" | "audience" | "no_subject";

interface Fitting {
  subject: TokenSubject;
  issuer: IssuerKeys;
  held: HeldKeys;
  until: number;
}

type Verdict = { fitting: Fitting } | { fault: Fault } | { unavailableMs: number };

const message =
  "The token is not valid here: check that it is whole, of the right issuer, and made for this endpoint.";

/**
 * Whatever is wrong with a token that its issuer did not sign, the answer is one: who has none learns neither
 * which issuers are known nor what is wanted of their tokens. Only of a token that is an issuer's own is it said
 * that its time is over or has not come.
 */
export async function judgeToken(
  token: string,
  index: TokenIndex,
  judging: Judging,
): Promise<Judged> {
  const claimed = readToken(token);
  if (claimed === undefined) return refuse("malformed");
  const named = index.byIssuer.get(claimed.issuer) ?? [];
  const verdicts: Verdict[] = [];
  for (const group of named) verdicts.push(await judgeBy(group, token, claimed.issuer, judging));
  const { cluster } = index;
  // Whether an issuer that policies name is the cluster's besides, nobody need wait to hear.
  const asksCluster =
    cluster !== undefined && (named.length === 0 || judging.keysOf(cluster).usable() !== undefined);
  if (asksCluster) verdicts.push(await judgeBy(cluster, token, claimed.issuer, judging));
  const [best] = verdicts
    .flatMap((verdict) => ("fitting" in verdict ? [verdict.fitting] : []))
    .toSorted((left, right) => bySeniority(left.subject, right.subject));
  return best === undefined ? refuseBy(verdicts) : accept(best);
}

async function judgeBy(
  group: IssuerGroup,
  token: string,
  claimedIssuer: string,
  { now, keysOf }: Judging,
): Promise<Verdict> {
  const issuer = keysOf(group);
  let held = await issuer.current();
  if (held === undefined) return { unavailableMs: issuer.retryAfterMs };
  // The cluster's own group stands for whatever issuer the API server names.
  if (held.issuer !== claimedIssuer) return { fault: "unknown_issuer" };
  const verify = ({ resolve }: HeldKeys) =>
    verifyToken(token, { issuer: claimedIssuer, algorithms: group.algorithms, keys: resolve, now });
  let verified = await verify(held);
  if (!verified.ok && verified.error === "unknown_key") {
    const renewed = await issuer.renewed();
    if (renewed !== undefined && renewed !== held) {
      held = renewed;
      verified = await verify(held);
    }
  }
  if (!verified.ok) return { fault: verified.error };
  const found = fittingSubject(group, verified.value);
  if (typeof found === "string") return { fault: found };
  return { fitting: { subject: found, issuer, held, until: verified.value.until } };
}

/** The oldest subject that a token fits; each pins algorithms of its own. */
function fittingSubject(
  { subjects }: IssuerGroup,
  { payload, algorithm }: VerifiedToken,
): TokenSubject | Fault {
  const forUs = subjects.filter(({ token }) => audienceHolds(payload, token.audience));
  if (forUs.length === 0) return "audience";
  const meant = forUs.filter(({ token }) => claimHolds(payload, token));
  if (meant.length === 0) return "no_subject";
  return (
    meant.find(({ token }) => token.algorithms.some((each) => each === algorithm)) ?? "algorithm"
  );
}

function accept({ subject: { tenant, token }, issuer, held, until }: Fitting): Judged {
  const shown = { keyId: token.id, subjectType: token.type };
  const identification =
    tenant.denied === undefined
      ? ok({ tenant, ...shown })
      : err(denial({ tenant: tenant.name, ...shown }));
  return { identification, issuer, held, until };
}

function refuseBy(verdicts: readonly Verdict[]): Judged {
  const waits = verdicts.flatMap((each) => ("unavailableMs" in each ? [each.unavailableMs] : []));
  if (waits.length > 0) return unavailable(Math.min(...waits));
  const faults = verdicts.flatMap((each) => ("fault" in each ? [each.fault] : []));
  // What came furthest tells most.
  return refuse(faults.findLast((fault) => fault !== "unknown_issuer") ?? "unknown_issuer");
}

function unavailable(retryAfterMs: number): Judged {
  return {
    refusal: {
      code: "identity_unavailable",
      message:
        "The keys of the token's issuer cannot be fetched at present, so that the token can be verified neither way: try again later.",
      reason: "keys_unavailable",
      retryAfterMs,
    },
  };
}

const refuse = (fault: Fault): Judged => {
  const { code, text } = told(fault);
  return { refusal: { code, message: text, reason: fault } };
};

function told(fault: Fault): { code: RefusalCode; text: string } {
  if (fault === "expired")
    return { code: "expired_token", text: "The token has expired: get a new one from its issuer." };
  if (fault === "not_yet_valid")
    return { code: "invalid_token", text: "The token is not valid yet: use it later." };
  return { code: "invalid_token", text: message };
}
