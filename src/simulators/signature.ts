import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import { AwsError } from "./aws-error.ts";
import {
  canonicalRequest,
  canonicalValue,
  splitOnce,
  type SignedRequest,
} from "./canonical-request.ts";

/** What a client signs with; `expiresAt` is in milliseconds since the epoch. */
export interface SimulatorCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiresAt?: number;
}

export interface SignatureRules {
  service: string;
  credentials: readonly SimulatorCredentials[];
  /** Milliseconds since the epoch. */
  now: number;
}

interface Authorization {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

const skewMs = 5 * 60_000;
const refused = (shape: string, message: string): AwsError => new AwsError(shape, 403, message);

/**
 * Checks a Signature Version 4, after AWS's description in "Create a signed AWS API request".
 *
 * @returns the credentials that signed
 * @throws AwsError 403 with the name and the words that AWS gives
 */
export function verifySignature(
  request: SignedRequest,
  rules: SignatureRules,
): SimulatorCredentials {
  const authorization = parseAuthorization(headerText(request, "authorization"));
  const stamp = headerText(request, "x-amz-date");
  checkScope(authorization, stamp, rules.service);
  checkTime(stamp, rules.now);
  const credentials = findCredentials(request, authorization, rules);
  checkSignedHeaders(request, authorization);
  const expected = sign(request, authorization, stamp, credentials.secretAccessKey);
  if (!sameText(expected, authorization.signature)) {
    throw refused(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
  return credentials;
}

function parseAuthorization(header: string): Authorization {
  if (header === "")
    throw refused("MissingAuthenticationTokenException", "Missing Authentication Token");
  const parts = /^AWS4-HMAC-SHA256\s+(.*)$/.exec(header)?.[1];
  if (parts === undefined) throw unrecognized();
  const fields = Object.fromEntries(parts.split(",").map((part) => splitOnce(part.trim(), "=")));
  const { Credential = "", SignedHeaders = "", Signature = "" } = fields;
  requireFields({ Credential, SignedHeaders, Signature });
  return { ...scopeOf(Credential), signedHeaders: SignedHeaders.split(";"), signature: Signature };
}

function scopeOf(
  credential: string,
): Pick<Authorization, "accessKeyId" | "date" | "region" | "service"> {
  const [accessKeyId = "", date = "", region = "", service = ""] = credential.split("/");
  return { accessKeyId, date, region, service };
}

function requireFields(fields: Record<string, string>): void {
  const complaints = Object.entries(fields)
    .filter(([, value]) => value === "")
    .map(([name]) => `Authorization header requires '${name}' parameter.`);
  const elements = (fields["Credential"] ?? "").split("/");
  if (complaints.length === 0 && (elements.length !== 5 || elements[4] !== "aws4_request")) {
    complaints.push(
      "Credential must have exactly 5 slash-delimited elements, the last of them aws4_request.",
    );
  }
  if (complaints.length > 0) throw refused("IncompleteSignatureException", complaints.join(" "));
}

const unrecognized = (): AwsError =>
  refused("UnrecognizedClientException", "The security token included in the request is invalid.");

function checkScope(authorization: Authorization, stamp: string, service: string): void {
  const complaints: string[] = [];
  if (!/^\d{8}T\d{6}Z$/.test(stamp)) {
    throw refused(
      "IncompleteSignatureException",
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(authorization.region)) {
    complaints.push(
      `Credential should be scoped to a valid region, not '${authorization.region}'.`,
    );
  }
  if (authorization.service !== service)
    complaints.push(`Credential should be scoped to correct service: '${service}'.`);
  if (authorization.date !== stamp.slice(0, 8)) {
    complaints.push(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${authorization.date}' != '${stamp.slice(0, 8)}', from '${stamp}'.`,
    );
  }
  if (complaints.length > 0) throw refused("InvalidSignatureException", complaints.join(" "));
}

function checkTime(stamp: string, now: number): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp);
  const signedAt =
    parts === null
      ? Number.NaN
      : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
  if (signedAt < now - skewMs || Number.isNaN(signedAt)) {
    throw refused(
      "InvalidSignatureException",
      `Signature expired: ${stamp} is now earlier than ${compactTime(now - skewMs)} (${compactTime(now)} - 5 min.)`,
    );
  }
  if (signedAt > now + skewMs) {
    throw refused(
      "InvalidSignatureException",
      `Signature not yet current: ${stamp} is still later than ${compactTime(now + skewMs)} (${compactTime(now)} + 5 min.)`,
    );
  }
}

function findCredentials(
  request: SignedRequest,
  authorization: Authorization,
  rules: SignatureRules,
): SimulatorCredentials {
  const token = headerText(request, "x-amz-security-token");
  const found = rules.credentials.find((each) => each.accessKeyId === authorization.accessKeyId);
  if (found === undefined || !sameText(found.sessionToken ?? "", token)) {
    throw unrecognized();
  }
  if (found.expiresAt !== undefined && found.expiresAt <= rules.now) {
    throw refused("ExpiredTokenException", "The security token included in the request is expired");
  }
  return found;
}

// The host and every x-amz- header that was sent must be signed, else a middleman could change them.
function checkSignedHeaders(request: SignedRequest, authorization: Authorization): void {
  const mustBeSigned = Object.keys(request.headers).filter(
    (name) => name === "host" || name.startsWith("x-amz-"),
  );
  const unsigned = mustBeSigned.filter((name) => !authorization.signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw refused(
    "InvalidSignatureException",
    unsigned
      .map((name) => `'${name}' must be a 'SignedHeader' in the AWS Authorization.`)
      .join(" "),
  );
}

function sign(
  request: SignedRequest,
  authorization: Authorization,
  stamp: string,
  secret: string,
): string {
  const { date, region, service, signedHeaders } = authorization;
  const digest = createHash("sha256")
    .update(canonicalRequest(request, signedHeaders))
    .digest("hex");
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${date}/${region}/${service}/aws4_request\n${digest}`;
  const key = [date, region, service, "aws4_request"].reduce<Uint8Array>(
    (previous, part) => createHmac("sha256", previous).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

const headerText = (request: SignedRequest, name: string): string =>
  canonicalValue(request.headers[name]);

const compactTime = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;

function sameText(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
