import { BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AwsCredentials } from "../../../../src/providers/index.ts";
import { encodeSegment, Signer } from "../../../../src/providers/lean/sigv4.ts";
import { verifySignature } from "../../../../src/simulators/signature.ts";

/** What the SDK would have sent, had it been let. */
interface Captured {
  path: string;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

async function signedBySdk(
  credentials: AwsCredentials,
  input: { modelId: string; body: string },
): Promise<Captured> {
  let captured: Captured | undefined;
  const client = new BedrockRuntimeClient({
    region: "eu-central-1",
    endpoint: "http://upstream.example:8080/base",
    credentials,
    maxAttempts: 1,
    authSchemePreference: ["sigv4"],
    requestHandler: {
      handle: async (request: Captured) => {
        captured = request;
        throw new Error("Captured");
      },
    },
  });
  const sent = client.send(new InvokeModelCommand({ ...input, serviceTier: "flex" }));
  await sent.catch(() => undefined);
  if (captured === undefined) throw new Error("The SDK has sent nothing");
  return captured;
}

const added = new Set(["authorization", "content-length", "host", "user-agent"]);
const isGiven = (name: string): boolean =>
  !added.has(name) &&
  !["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"].includes(name);

function millisecondsOf(stamp: string): number {
  return Date.parse(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

const visible = fc.stringMatching(/^[!-~]{1,40}$/);
const credentials = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16}$/),
    secretAccessKey: visible,
    sessionToken: visible,
  },
  { requiredKeys: ["accessKeyId", "secretAccessKey"] },
) as fc.Arbitrary<AwsCredentials>;

describe("Signature Version 4", () => {
  it("is that of the SDK for any model, body and credentials", async () => {
    const signer = new Signer({
      region: "eu-central-1",
      service: "bedrock",
      host: "upstream.example:8080",
    });
    const model = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.:/_!'()*~ +%-]{0,60}$/);
    await fc.assert(
      fc.asyncProperty(
        credentials,
        model,
        fc.string({ minLength: 1 }),
        async (key, modelId, body) => {
          const sdk = await signedBySdk(key, { modelId, body });
          expect(sdk.path).toBe(`/base/model/${encodeSegment(modelId)}/invoke`);
          const given = Object.entries(sdk.headers).filter(([name]) => isGiven(name));
          const signed = signer.sign(
            { path: sdk.path, headers: Object.fromEntries(given), body: Buffer.from(sdk.body) },
            key,
            millisecondsOf(sdk.headers["x-amz-date"] ?? ""),
          );
          const { "user-agent": _unsigned, ...sent } = sdk.headers;
          expect(signed).toEqual(sent);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is accepted by whoever checks it, at any time and with any headers", () => {
    const name = fc.stringMatching(/^x-amzn-[a-z]{1,12}$/);
    // White space at the ends and in runs is trimmed before it is signed.
    const value = fc.stringMatching(/^[ !-~]{0,30}$/);
    const service = fc.constantFrom("bedrock", "sagemaker");
    const now = fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(credentials, fc.dictionary(name, value), service, now, (key, headers, to, at) => {
        const signer = new Signer({
          region: "us-gov-west-1",
          service: to,
          host: "upstream.example",
        });
        const request = {
          path: "/endpoints/an-endpoint/invocations",
          headers,
          body: Buffer.from("é"),
        };
        // Twice: the second finds its key and its path known.
        for (const later of [at, at + 60_000]) {
          const signed = signer.sign(request, key, later);
          verifySignature(
            { ...request, method: "POST", query: "", headers: signed },
            { service: to, credentials: [key], now: later },
          );
        }
      }),
    );
  });

  it("follows credentials and days as they change", () => {
    const signer = new Signer({ region: "us-east-1", service: "bedrock", host: "a.example" });
    const one = { accessKeyId: "AKIDONE", secretAccessKey: "one" };
    const other = { accessKeyId: "AKIDOTHER", secretAccessKey: "other" };
    const request = { path: "/", headers: {}, body: Buffer.alloc(0) };
    const day = 86_400_000;
    for (const [key, now] of [
      [one, day * 20_000],
      [other, day * 20_000],
      [one, day * 20_001 - 1],
      [one, day * 20_001],
    ] as const) {
      const fresh = new Signer({ region: "us-east-1", service: "bedrock", host: "a.example" });
      expect(signer.sign(request, key, now)).toEqual(fresh.sign(request, key, now));
    }
  });
});
