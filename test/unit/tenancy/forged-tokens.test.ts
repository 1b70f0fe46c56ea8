import { createHmac, createPublicKey } from "node:crypto";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
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

const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

const claims = () => ({
  iss: issuer,
  aud: audience,
  team: "support",
  iat: nowSeconds(),
  exp: nowSeconds() + 300,
});

const unsigned = (header: unknown, payload: unknown = claims()): string =>
  `${encode(header)}.${encode(payload)}`;

const hmac = (content: string, secret: string | Buffer, hash = "sha256"): string =>
  `${content}.${createHmac(hash, secret).update(content).digest("base64url")}`;

const pem = (key: IssuerKey): string =>
  createPublicKey({ key: { ...key.publicJwk }, format: "jwk" }).export({
    type: "spki",
    format: "pem",
  }) as string;

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

describe("no algorithm but those of the policy: ", () => {
  test.each(["none", "None", "NONE", "nOnE", "", " none", "none\u0000"])("alg %j", async (alg) => {
    await expectRefused(`${unsigned({ alg })}.`);
    await expectRefused(`${unsigned({ alg, kid: "ec" })}.${token.split(".")[2] ?? ""}`);
  });

  test.each(["HS256", "HS384", "HS512"])("%s with a public key for its secret", async (alg) => {
    const hash = `sha${alg.slice(2)}`;
    for (const key of [ec, rsa]) {
      const jwk = JSON.stringify(key.publicJwk);
      for (const secret of [
        pem(key),
        pem(key).trim(),
        jwk,
        key.publicJwk.x ?? "",
        key.publicJwk.n ?? "",
      ]) {
        await expectRefused(hmac(unsigned({ alg, kid: key.kid }), secret || "empty", hash));
      }
    }
  });

  test.each([
    "es256",
    "Es256",
    "ES256 ",
    "RS256",
    "PS256",
    "ES384",
    "EdDSA",
    "ES256K",
    "RS1",
    "dir",
  ])("%s over a signature of ES256", async (alg) => {
    const [, payload = "", signature = ""] = token.split(".");
    await expectRefused(`${encode({ alg, kid: "ec" })}.${payload}.${signature}`);
    await expectRefused(`${encode({ alg, kid: "rsa" })}.${payload}.${signature}`);
  });

  test.each([[null], [["ES256"]], [{ toString: "ES256" }], [0], [true]])(
    "alg of %j",
    async (alg) => {
      await expectRefused(`${unsigned({ alg, kid: "ec" })}.${token.split(".")[2] ?? ""}`);
    },
  );
});

describe("no key but the issuer's: ", () => {
  const signed = (header: object, kid?: string) =>
    signToken({
      key: { ...attacker, kid: kid ?? "ec" },
      issuer,
      claims: { team: "support" },
      header,
    });

  test("one of its own that has the issuer's id", async () => {
    await expectRefused(await signed({}));
  });

  test("one that the token brings along or points to", async () => {
    const jwk = attacker.publicJwk;
    await expectRefused(await signed({ jwk }));
    await expectRefused(await signed({ jwk, kid: undefined }));
    await expectRefused(await signed({ jku: "http://127.0.0.1:9/keys" }));
    await expectRefused(await signed({ x5u: "http://127.0.0.1:9/chain", x5c: ["MIIB"] }));
    await expectRefused(await signed({ jku: `${issuer}/keys`, jwk, x5t: "aaaa" }));
  });

  test.each([
    "../../etc/passwd",
    "' OR 1=1 --",
    "ec\u0000",
    "ЕС",
    "__proto__",
    "constructor",
    "0",
    "https://127.0.0.1/keys",
    "k".repeat(3_000),
  ])("by the key id %j", async (kid) => {
    await expectRefused(await signed({ kid }));
  });

  test.each([[["ec"]], [{}], [1], [null]])("by a key id of %j", async (kid) => {
    const [, payload = "", signature = ""] = token.split(".");
    await expectRefused(`${encode({ alg: "ES256", kid })}.${payload}.${signature}`);
  });

  test("and none is fetched for what a token says of its keys", () => {
    // Once with the table, and at most once for keys that were not there.
    expect(stage.asked()).toBeLessThanOrEqual(2);
  });
});

describe("no signature but the whole one: ", () => {
  const withSignature = (signature: Uint8Array): string => {
    const [header = "", payload = ""] = token.split(".");
    return `${header}.${payload}.${Buffer.from(signature).toString("base64url")}`;
  };
  const signature = () => Buffer.from(token.split(".")[2] ?? "", "base64url");

  test("none, shorter, longer, zero, or of another form", async () => {
    const whole = signature();
    for (let length = 0; length < whole.length; length += 1)
      await expectRefused(withSignature(whole.subarray(0, length)));
    await expectRefused(withSignature(Buffer.alloc(64)));
    await expectRefused(withSignature(Buffer.alloc(64, 0xff)));
    await expectRefused(withSignature(Buffer.concat([whole, Buffer.alloc(1)])));
    await expectRefused(withSignature(Buffer.concat([Buffer.alloc(32), whole.subarray(32)])));
    await expectRefused(withSignature(Buffer.concat([whole.subarray(0, 32), Buffer.alloc(32)])));
    const der = Buffer.concat([
      Buffer.from([0x30, 0x44, 0x02, 0x20]),
      whole.subarray(0, 32),
      Buffer.from([0x02, 0x20]),
      whole.subarray(32),
    ]);
    await expectRefused(withSignature(der));
  });

  test("the order of the curve in place of a number", async () => {
    const order = Buffer.from(
      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
      "hex",
    );
    await expectRefused(withSignature(Buffer.concat([order, order])));
    await expectRefused(withSignature(Buffer.concat([signature().subarray(0, 32), order])));
  });

  test("written in one way: what decodes to the same bytes is another token", async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(token.at(-1) ?? "A");
    await expectRefused(token.slice(0, -1) + alphabet.charAt(last ^ 1));
    await expectRefused(`${token}=`);
    await expectRefused(`${token}==`);
    await expectRefused(token.replaceAll("-", "+").replaceAll("_", "/") + "=");
    await expectRefused(token.replace(".", ". "));
  });

  test("the mirrored form of ECDSA is of the same holder, of the same claims, and of nobody else", async () => {
    const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const whole = signature();
    const s = BigInt(`0x${whole.subarray(32).toString("hex")}`);
    const mirrored = Buffer.from((order - s).toString(16).padStart(64, "0"), "hex");
    const twin = withSignature(Buffer.concat([whole.subarray(0, 32), mirrored]));
    expect(await stage.show(twin)).toEqual(await stage.show(token));
    const [header = "", , signed = ""] = twin.split(".");
    await expectRefused(`${header}.${encode({ ...claims(), team: "support", more: 1 })}.${signed}`);
  });
});

describe("no text but a signed token: ", () => {
  test.each<[string, () => string | Promise<string>]>([
    [
      "an encrypted one",
      () => `${encode({ alg: "RSA-OAEP", enc: "A256GCM" })}.AAAA.BBBB.CCCC.DDDD`,
    ],
    [
      "one within another",
      () =>
        `${encode({ alg: "ES256", kid: "ec", cty: "JWT" })}.${encode(token)}.${token.split(".")[2]}`,
    ],
    ["a detached one", () => token.replace(/\..*\./, "..")],
    ["two parts", () => token.split(".").slice(0, 2).join(".")],
    ["four parts", () => `${token}.${token.split(".")[2]}`],
    [
      "one that is too long",
      () => signToken({ key: ec, issuer, claims: { team: "support", pad: "x".repeat(8_192) } }),
    ],
    [
      "a header that is no JSON",
      () => `${encode("{not json")}.${token.split(".").slice(1).join(".")}`,
    ],
    [
      "a header that is a list",
      () => `${encode(["ES256"])}.${token.split(".").slice(1).join(".")}`,
    ],
    [
      "a payload that is no JSON",
      () => hmac(`${encode({ alg: "ES256", kid: "ec" })}.${encode("{")}`, "x"),
    ],
    [
      "a payload that is null",
      () => hmac(`${encode({ alg: "ES256", kid: "ec" })}.${encode("null")}`, "x"),
    ],
    [
      "bytes that are no UTF-8",
      () =>
        `${encode({ alg: "ES256" })}.${Buffer.from([0xff, 0xfe, 0x7b]).toString("base64url")}.AAAA`,
    ],
    [
      "a payload that is deep",
      () => `${encode({ alg: "ES256", kid: "ec" })}.${encode("[".repeat(3_000))}.AAAA`,
    ],
    [
      "claims that stand twice",
      () =>
        `${encode({ alg: "ES256", kid: "ec" })}.${encode(`{"iss":"x","iss":"${issuer}","team":"support"}`)}.${token.split(".")[2]}`,
    ],
    [
      "members of a prototype",
      () => hmac(unsigned({ alg: "ES256", kid: "ec" }, `{"__proto__":{"iss":"${issuer}"}}`), "x"),
    ],
    [
      "an unencoded payload",
      () =>
        `${encode({ alg: "ES256", kid: "ec", b64: false, crit: ["b64"] })}.${token.split(".").slice(1).join(".")}`,
    ],
    [
      "an extension that must be understood",
      () =>
        `${encode({ alg: "ES256", kid: "ec", crit: ["x"], x: 1 })}.${token.split(".").slice(1).join(".")}`,
    ],
  ])("%s", async (_what, forge) => {
    await expectRefused(await forge());
  });
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
  const content = unsigned({ alg: "RS256", kid: "short" });
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, Buffer.from(content));
  const short = { ...rsa, kid: "short", publicJwk: { ...jwk, alg: "RS256", key_ops: ["verify"] } };
  const other = tokenStage([short as IssuerKey], tokenTenant("acme", [{ algorithms: ["RS256"] }]));
  const forged = `${content}.${Buffer.from(signature).toString("base64url")}`;
  expect(await other.show(forged)).toMatchObject({ ok: false });
});
