import { z } from "zod";

// Patterns stay within what both JavaScript and RE2 (the API server's) read alike. The error texts
// follow a colon, after the field and the value that was found.

/** No longer than 9999m, so that a timer of 32 bits holds every duration. */
const durationText = /^([1-9][0-9]{0,6}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|[1-9][0-9]?h)$/;

/** A duration string; `example` shows the scale that is usual here. */
export const duration = (): z.ZodString =>
  z
    .string()
    .max(8)
    .regex(
      durationText,
      "write a duration of at least 1ms, as a whole number and a unit, such as 800ms, 8s, 5m or 1h",
    );

/** Decimal US dollars in a string, because binary fractions lose cents. */
export const usd = (): z.ZodString =>
  z
    .string()
    .max(16)
    .regex(
      /^[0-9]{1,9}(\.[0-9]{1,6})?$/,
      'write US dollars as a decimal number in quotes with at most 6 decimals, such as "3.00" or "0.000125"',
    );

export const percent = (min = 0): z.ZodInt => z.int().min(min).max(100);

/** The name of a Kubernetes object. */
export const objectName = (): z.ZodString =>
  z
    .string()
    .max(253)
    .regex(
      /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
      "write the name of a Kubernetes object: lower-case letters, digits, - and ., beginning and ending with a letter or digit",
    );

const labelText = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A DNS-1123 label: a short name that we choose ourselves. */
export const label = (max = 63): z.ZodString =>
  z
    .string()
    .max(max)
    .regex(
      labelText,
      "write lower-case letters, digits and -, beginning and ending with a letter or digit",
    );

export const region = (): z.ZodString =>
  z
    .string()
    .max(32)
    .regex(/^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$/, "write an AWS region, such as eu-central-1");

export const httpUrl = (): z.ZodString =>
  z
    .string()
    .max(512)
    .regex(
      /^https?:\/\/[A-Za-z0-9.:_[\]-]+(\/[A-Za-z0-9._~%/-]*)?$/,
      "write a URL with http:// or https://, a host, and no user, query or fragment, such as https://vpce-0123.bedrock-runtime.eu-central-1.vpce.amazonaws.com",
    );

export const roleArn = (): z.ZodString =>
  z
    .string()
    .max(256)
    .regex(
      /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[A-Za-z0-9+=,.@_/-]+$/,
      "write the ARN of an IAM role, such as arn:aws:iam::111122223333:role/inference",
    );

/** An instant in RFC 3339, with Z or an offset. */
export const instant = (): z.ZodISODateTime =>
  z.iso
    .datetime({
      offset: true,
      error: "write a time as RFC 3339 does, such as 2027-01-31T00:00:00Z",
    })
    .max(40);

/** A short text without line breaks, such as an identifier that somebody else defines. */
export const line = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\x00-\x1f\x7f]*$/, "leave out line breaks and control characters");

export const guardrailVersion = (): z.ZodString =>
  z
    .string()
    .max(8)
    .regex(/^([1-9][0-9]{0,7}|DRAFT)$/, 'write a version number in quotes such as "1", or DRAFT')
    .describe("The version of the guardrail, a number in quotes or DRAFT.");

/** A reference to an object of the same namespace. */
export const reference = (description: string) =>
  z.strictObject({ name: objectName().describe(description) });
