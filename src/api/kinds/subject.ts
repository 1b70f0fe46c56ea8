import { z } from "zod";
import { invariants, type Invariant } from "./invariant.ts";
import { list } from "./lists.ts";
import { instant, label, line, objectName } from "./scalars.ts";

const apiKey = z
  .strictObject({
    id: label().describe("What the key is called in records and metrics; it is no secret."),
    sha256: z
      .string()
      .max(64)
      .regex(
        /^[0-9a-f]{64}$/,
        "write the 64 lower-case hex digits of the key's SHA-256, as switchyard keygen prints them",
      )
      .describe(
        "The SHA-256 of the key in 64 lower-case hex digits, as switchyard keygen prints it. The key itself is kept nowhere.",
      ),
    notBefore: instant()
      .describe(
        "When the key begins to be valid, in RFC 3339 such as 2027-01-31T00:00:00Z. Absent: at once.",
      )
      .exactOptional(),
    expiresAt: instant()
      .describe(
        "When the key ceases to be valid, in RFC 3339 such as 2027-12-31T00:00:00Z. Absent: never.",
      )
      .exactOptional(),
  })
  .describe("A key that clients send as a bearer token; set it where type is ApiKey.");

const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const issuerUrl = () =>
  z
    .string()
    .max(512)
    .regex(
      /^https?:\/\/[A-Za-z0-9.:_[\]-]+(\/[A-Za-z0-9._~%/-]*)?$/,
      "write a URL with https:// and a host, without user, query or fragment (http:// only where the router class allows it)",
    );

const jwt = z
  .strictObject({
    issuer: issuerUrl().describe("The issuer of the tokens, exactly as their iss claim says it."),
    audience: line(256).describe("What the tokens' aud claim must hold."),
    jwksUri: issuerUrl()
      .describe(
        "Where the issuer's public keys are. Absent: found through the issuer's OpenID configuration, which must name a place at the issuer's own address. The host is held to the allow list of the router class.",
      )
      .exactOptional(),
    algorithms: list(z.enum(algorithms).describe("A signature algorithm."), { min: 1, max: 10 })
      .default(["RS256", "ES256"])
      .describe("The signature algorithms that are taken. Default [RS256, ES256]."),
    claim: line(128).describe(
      "The claim that tells this tenant's tokens from others, such as sub or team; a name with dots, such as realm_access.roles, is also looked for as a path.",
    ),
    value: line(256).describe("What that claim must be, or hold where it is a list."),
  })
  .describe("Tokens of an identity provider; set it where type is Jwt.");

const serviceAccount = z
  .strictObject({
    namespace: label().describe("The namespace of the ServiceAccount."),
    name: objectName().describe("The name of the ServiceAccount."),
    audience: line(256).describe("The audience that the pod's projected token must be made for."),
  })
  .describe("The pods of a ServiceAccount of this cluster; set it where type is ServiceAccount.");

const fields = z
  .strictObject({
    type: z
      .enum(["ApiKey", "Jwt", "ServiceAccount"])
      .describe("How the caller proves who it is: ApiKey, Jwt or ServiceAccount."),
    apiKey: apiKey.exactOptional(),
    jwt: jwt.exactOptional(),
    serviceAccount: serviceAccount.exactOptional(),
  })
  .describe("Callers that are this tenant.");

type Fields = z.output<typeof fields>;

const member = (
  type: Fields["type"],
  name: "apiKey" | "jwt" | "serviceAccount",
): Invariant<Fields> => ({
  cel: `has(self.${name}) == (self.type == '${type}')`,
  message: `Set ${name} exactly where the subject's type is ${type}: add it, remove it, or correct the type.`,
  holds: (subject) => (subject[name] !== undefined) === (subject.type === type),
});

export const subject = invariants(fields, [
  member("ApiKey", "apiKey"),
  member("Jwt", "jwt"),
  member("ServiceAccount", "serviceAccount"),
  {
    cel: "!has(self.apiKey) || !has(self.apiKey.notBefore) || !has(self.apiKey.expiresAt) || self.apiKey.notBefore < self.apiKey.expiresAt",
    message:
      "Set apiKey.expiresAt to a time after apiKey.notBefore: this key would never be valid.",
    at: "apiKey",
    holds: ({ apiKey: key }) =>
      key?.notBefore === undefined ||
      key.expiresAt === undefined ||
      Date.parse(key.notBefore) < Date.parse(key.expiresAt),
  },
]);

export type Subject = z.output<typeof subject>;

/** A subject that is sound by itself, out of a text that need not be. */
export function readSubject(value: unknown): Subject | undefined {
  return subject.safeParse(value).data;
}
