import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { encode, forgedTokens } from "../../support/forged-tokens.ts";
import {
  audience,
  issuerKey,
  nowSeconds,
  signToken,
  type IssuerKey,
} from "../../support/token-issuer.ts";
import { issuer, tokenStage, tokenTenant, type TokenStage } from "./token-stage.ts";

let ec: IssuerKey;
let rsa: IssuerKey;
let attacker: IssuerKey;
let stage: TokenStage;
let token: string;

beforeAll(async () => {
  ec = await issuerKey("ec");
  rsa = await issuerKey("rsa", "RS256");
  attacker = await issuerKey("ec");
  stage = tokenStage([ec, rsa], tokenTenant("acme", [{ algorithms: ["ES256", "RS256"] }]));
  token = await signToken({ key: ec, issuer, claims: { team: "support" } });
});

const claims = () => ({
  iss: issuer,
  aud: audience,
  team: "support",
  iat: nowSeconds(),
  exp: nowSeconds() + 300,
});

async function expectRefused(forged: string): Promise<void> {
  const identification = await stage.show(forged);
  expect(identification.ok).toBe(false);
  if (identification.ok) return;
  expect(identification.error.code).toMatch(/^(invalid_token|invalid_api_key|expired_token)$/);
  expect(identification.error.message).not.toMatch(/acme|support|id\.example|ES256|jose|kid/i);
}

test("the token that is forged here lets its bearer in", async () => {
  expect(await stage.show(token)).toMatchObject({ ok: true });
});

test("no token that somebody forges lets anybody in", async () => {
  const forging = { issuer, ec, rsa, attacker, token, claims: { team: "support" } };
  const forged = await forgedTokens(forging);
  expect(forged.length).toBeGreaterThan(180);
  for (const [, each] of forged) await expectRefused(each);
  // Once with the table, and at most once for keys that were not there.
  expect(stage.asked()).toBeLessThanOrEqual(2);
});

test("the mirrored form of ECDSA is of the same holder, of the same claims, and of nobody else", async () => {
  const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const [header = "", payload = "", signature = ""] = token.split(".");
  const whole = Buffer.from(signature, "base64url");
  const s = BigInt(`0x${whole.subarray(32).toString("hex")}`);
  const mirror = Buffer.from((order - s).toString(16).padStart(64, "0"), "hex");
  const mirrored = Buffer.concat([whole.subarray(0, 32), mirror]).toString("base64url");
  const twin = `${header}.${payload}.${mirrored}`;
  expect(await stage.show(twin)).toEqual(await stage.show(token));
  await expectRefused(`${header}.${encode({ ...claims(), more: 1 })}.${mirrored}`);
});

describe("no change to a token that was signed: ", () => {
  test("of any character, to any other", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: token.length - 1 }),
        fc.integer({ min: 0x21, max: 0x7e }),
        async (at, code) => {
          const other = String.fromCharCode(code);
          fc.pre(token[at] !== other);
          await expectRefused(token.slice(0, at) + other + token.slice(at + 1));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("of each character in turn", async () => {
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === "A" ? "B" : "A";
      await expectRefused(token.slice(0, at) + other + token.slice(at + 1));
      await expectRefused(token.slice(0, at) + token.slice(at + 1));
    }
  });

  test("of any claim, with the signature that was there", async () => {
    const [header = "", , signature = ""] = token.split(".");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), async (more) => {
        fc.pre(Object.keys(more).length > 0);
        await expectRefused(`${header}.${encode({ ...claims(), ...more })}.${signature}`);
      }),
      { numRuns: 200 },
    );
  });

  test("of any header, with the signature that was there", async () => {
    const [, payload = "", signature = ""] = token.split(".");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), async (more) => {
        fc.pre(Object.keys(more).length > 0);
        await expectRefused(
          `${encode({ alg: "ES256", kid: "ec", ...more })}.${payload}.${signature}`,
        );
      }),
      { numRuns: 200 },
    );
  });

  test("nor any text at all", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^eyJ[\w-]{0,60}\.[\w-]{1,60}\.[\w-]{0,90}$/),
        expectRefused,
      ),
      { numRuns: 500 },
    );
  });
});

test("a key that is too short for its algorithm verifies nothing", async () => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 1_024,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
  const jwk = { ...(await crypto.subtle.exportKey("jwk", publicKey)), kid: "short" };
  const content = `${encode({ alg: "RS256", kid: "short" })}.${encode(claims())}`;
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, Buffer.from(content));
  const short = { ...rsa, kid: "short", publicJwk: { ...jwk, alg: "RS256", key_ops: ["verify"] } };
  const other = tokenStage([short as IssuerKey], tokenTenant("acme", [{ algorithms: ["RS256"] }]));
  const forged = `${content}.${Buffer.from(signature).toString("base64url")}`;
  expect(await other.show(forged)).toMatchObject({ ok: false });
});
