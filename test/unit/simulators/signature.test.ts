import { describe, expect, test } from "vitest";

import { AwsError } from "../../../src/simulators/aws-error.ts";
import type { SignedRequest } from "../../../src/simulators/canonical-request.ts";
import { verifySignature, type SignatureRules } from "../../../src/simulators/signature.ts";

// The key pair, date and scope of AWS's published Signature Version 4 test suite.
const secretAccessKey = ["wJalrXUtnFEMI/K7MDENG", "bPxRfiCYEXAMPLEKEY"].join("+");
const credentials = [{ accessKeyId: "AKIDEXAMPLE", secretAccessKey }];
const stamp = "20150830T123600Z";
const now = Date.UTC(2015, 7, 30, 12, 36, 0);
const rules: SignatureRules = { service: "service", credentials, now };

function authorization(signature: string, signedHeaders = "host;x-amz-date"): string {
  const credential = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

interface Case {
  method: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
}

const request = (sent: Case, signature: string, signedHeaders?: string): SignedRequest => ({
  method: sent.method,
  path: sent.path ?? "/",
  query: sent.query ?? "",
  headers: {
    host: "example.amazonaws.com",
    "x-amz-date": stamp,
    authorization: authorization(signature, signedHeaders),
    ...sent.headers,
  },
  body: Buffer.from(sent.body ?? ""),
});

const vanilla = request(
  { method: "GET" },
  "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
);

/** The shape and words of the refusal, or "accepted". */
function outcome(sent: SignedRequest, changed: Partial<SignatureRules> = {}): string {
  try {
    verifySignature(sent, { ...rules, ...changed });
    return "accepted";
  } catch (error) {
    if (error instanceof AwsError) return `${error.status} ${error.shape}: ${error.message}`;
    throw error;
  }
}

describe("AWS's published test cases are accepted, and refused with one bit changed", () => {
  const cases: [name: string, sent: Case, signature: string, signedHeaders?: string][] = [
    [
      "get-vanilla",
      { method: "GET" },
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ],
    [
      "post-vanilla",
      { method: "POST" },
      "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ],
    [
      "get-vanilla-query-order-key-case",
      { method: "GET", query: "Param2=value2&Param1=value1" },
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "post-x-www-form-urlencoded",
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "Param1=value1",
      },
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
      "content-type;host;x-amz-date",
    ],
  ];

  test.each(cases)("%s", (_name, sent, signature, signedHeaders) => {
    expect(outcome(request(sent, signature, signedHeaders))).toBe("accepted");
    const last = signature.endsWith("0") ? "1" : "0";
    const changed = `${signature.slice(0, -1)}${last}`;
    expect(outcome(request(sent, changed, signedHeaders))).toContain(
      "403 InvalidSignatureException: The request signature we calculated does not match",
    );
  });
});

describe("what the signature covers cannot be changed", () => {
  const changes: [what: string, sent: SignedRequest][] = [
    ["the body", { ...vanilla, body: Buffer.from("more") }],
    ["the path", { ...vanilla, path: "/elsewhere" }],
    ["the query", { ...vanilla, query: "more=1" }],
    ["the host", { ...vanilla, headers: { ...vanilla.headers, host: "elsewhere.example" } }],
    ["the method", { ...vanilla, method: "POST" }],
  ];

  test.each(changes)("%s", (_what, sent) => {
    expect(outcome(sent)).toContain("does not match the signature you provided");
  });
});

describe("each way of failing gets the name and the words of AWS", () => {
  const without = { ...vanilla, headers: { ...vanilla.headers, authorization: undefined } };
  const bearer = { ...vanilla, headers: { ...vanilla.headers, authorization: "Bearer abc" } };
  const half = {
    ...vanilla,
    headers: {
      ...vanilla.headers,
      authorization: "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request",
    },
  };
  const undated = { ...vanilla, headers: { ...vanilla.headers, "x-amz-date": undefined } };
  const added = { ...vanilla, headers: { ...vanilla.headers, "x-amz-security-token": "t" } };
  const hour = 3_600_000;
  const cases: [
    name: string,
    sent: SignedRequest,
    changed: Partial<SignatureRules>,
    want: string,
  ][] = [
    [
      "no authorization",
      without,
      {},
      "403 MissingAuthenticationTokenException: Missing Authentication Token",
    ],
    [
      "a bearer token",
      bearer,
      {},
      "403 UnrecognizedClientException: The security token included in the request is invalid.",
    ],
    [
      "half an authorization",
      half,
      {},
      "403 IncompleteSignatureException: Authorization header requires 'SignedHeaders' parameter.",
    ],
    [
      "no date",
      undated,
      {},
      "403 IncompleteSignatureException: Authorization header requires existence of either a 'X-Amz-Date'",
    ],
    [
      "another service",
      vanilla,
      { service: "bedrock" },
      "403 InvalidSignatureException: Credential should be scoped to correct service: 'bedrock'.",
    ],
    [
      "six minutes late",
      vanilla,
      { now: now + 360_000 },
      "403 InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)",
    ],
    [
      "an hour early",
      vanilla,
      { now: now - hour },
      "403 InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than 20150830T114100Z",
    ],
    [
      "an unknown key",
      vanilla,
      { credentials: [{ accessKeyId: "OTHER", secretAccessKey: "x" }] },
      "403 UnrecognizedClientException: The security token included in the request is invalid.",
    ],
    [
      "a session token nobody gave",
      added,
      {},
      "403 UnrecognizedClientException: The security token included in the request is invalid.",
    ],
    [
      "an expired token",
      vanilla,
      { credentials: [{ accessKeyId: "AKIDEXAMPLE", secretAccessKey, expiresAt: now }] },
      "403 ExpiredTokenException: The security token included in the request is expired",
    ],
    [
      "an unsigned x-amz- header",
      { ...vanilla, headers: { ...vanilla.headers, "x-amz-meta": "1" } },
      {},
      "403 InvalidSignatureException: 'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization.",
    ],
  ];

  test.each(cases)("%s", (_name, sent, changed, want) => {
    expect(outcome(sent, changed)).toContain(want);
  });

  test("four minutes of skew either way are let through", () => {
    expect(outcome(vanilla, { now: now + 240_000 })).toBe("accepted");
    expect(outcome(vanilla, { now: now - 240_000 })).toBe("accepted");
  });
});
