import { createHmac, createPublicKey } from "node:crypto";
import { audience, nowSeconds, signToken, type IssuerKey } from "./token-issuer.ts";

/** What somebody has who wants in: the issuer's public keys, a token of their own, and a key of their own. */
export interface Forging {
  issuer: string;
  /** Of ES256. */
  ec: IssuerKey;
  /** Of RS256. */
  rsa: IssuerKey;
  /** Not the issuer's, though it says so. */
  attacker: IssuerKey;
  /** One that lets its bearer in, signed by `ec`. */
  token: string;
  /** What the policy asks for. */
  claims: Readonly<Record<string, unknown>>;
}

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

const pem = (key: IssuerKey): string =>
  createPublicKey({ key: { ...key.publicJwk }, format: "jwk" })
    .export({ type: "spki", format: "pem" })
    .toString();

/** Tokens that must let nobody in, each with what is wrong with it. */
export async function forgedTokens(forging: Forging): Promise<[what: string, token: string][]> {
  return [
    ...ofNoAlgorithm(forging),
    ...ofPublicSecrets(forging),
    ...ofOtherAlgorithms(forging),
    ...(await ofStrangeKeys(forging)),
    ...ofBrokenSignatures(forging),
    ...(await ofOtherForms(forging)),
  ];
}

const unsigned = ({ issuer, claims }: Forging, header: unknown): string =>
  `${encode(header)}.${encode({ iss: issuer, aud: audience, exp: nowSeconds() + 300, ...claims })}`;

function ofNoAlgorithm(forging: Forging): [string, string][] {
  const signature = forging.token.split(".")[2] ?? "";
  return ["none", "None", "NONE", "nOnE", "", " none", "none\u0000"].flatMap(
    (alg): [string, string][] => [
      [`alg ${JSON.stringify(alg)}, unsigned`, `${unsigned(forging, { alg })}.`],
      [
        `alg ${JSON.stringify(alg)}, with a signature`,
        `${unsigned(forging, { alg, kid: "ec" })}.${signature}`,
      ],
    ],
  );
}

/** The confusion of keys: what verifies a signature is public, and would be an HMAC's secret. */
function ofPublicSecrets(forging: Forging): [string, string][] {
  return ["HS256", "HS384", "HS512"].flatMap((alg) =>
    [forging.ec, forging.rsa].flatMap((key) => {
      const { publicJwk, kid } = key;
      const secrets = [
        pem(key),
        pem(key).trim(),
        JSON.stringify(publicJwk),
        publicJwk.x,
        publicJwk.n,
      ];
      const content = unsigned(forging, { alg, kid });
      return secrets.map((secret = "empty"): [string, string] => {
        const mac = createHmac(`sha${alg.slice(2)}`, secret).update(content);
        return [`${alg} by the public key ${kid}`, `${content}.${mac.digest("base64url")}`];
      });
    }),
  );
}

function ofOtherAlgorithms({ token }: Forging): [string, string][] {
  const [, payload = "", signature = ""] = token.split(".");
  const named = [
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
  ];
  const odd = [null, ["ES256"], { toString: "ES256" }, 0, true];
  return [...named, ...odd].flatMap((alg) =>
    ["ec", "rsa"].map((kid): [string, string] => [
      `alg ${JSON.stringify(alg)} over a signature of ES256, kid ${kid}`,
      `${encode({ alg, kid })}.${payload}.${signature}`,
    ]),
  );
}

const keyIds = [
  "../../etc/passwd",
  "' OR 1=1 --",
  "ec\u0000",
  "ЕС",
  "__proto__",
  "constructor",
  "0",
  "https://127.0.0.1/keys",
  "k".repeat(3_000),
];

async function ofStrangeKeys(forging: Forging): Promise<[string, string][]> {
  const { attacker, issuer, claims, token } = forging;
  const jwk = attacker.publicJwk;
  const [, payload = "", signature = ""] = token.split(".");
  const headers: object[] = [
    {},
    { jwk },
    { jwk, kid: undefined },
    { jku: "http://127.0.0.1:9/keys" },
    { x5u: "http://127.0.0.1:9/chain", x5c: ["MIIB"] },
    { jku: `${issuer}/keys`, jwk, x5t: "aaaa" },
    ...keyIds.map((kid) => ({ kid })),
  ];
  const signed = headers.map(async (header): Promise<[string, string]> => [
    `by a key of its own with ${JSON.stringify(header).slice(0, 60)}`,
    await signToken({ key: { ...attacker, kid: "ec" }, issuer, claims, header }),
  ]);
  const odd = [["ec"], {}, 1, null].map((kid): [string, string] => [
    `a key id of ${JSON.stringify(kid)}`,
    `${encode({ alg: "ES256", kid })}.${payload}.${signature}`,
  ]);
  return [...(await Promise.all(signed)), ...odd];
}

const curveOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

function ofBrokenSignatures({ token }: Forging): [string, string][] {
  const [header = "", payload = "", last = ""] = token.split(".");
  const whole = Buffer.from(last, "base64url");
  const [r, s] = [whole.subarray(0, 32), whole.subarray(32)];
  const order = Buffer.from(curveOrder, "hex");
  const der = Buffer.from([0x30, 0x44, 0x02, 0x20, ...r, 0x02, 0x20, ...s]);
  const signatures: [string, Uint8Array][] = [
    ["of (0, 0)", Buffer.alloc(64)],
    ["of ones", Buffer.alloc(64, 0xff)],
    ["that is longer", Buffer.concat([whole, Buffer.alloc(1)])],
    ["with r of 0", Buffer.concat([Buffer.alloc(32), s])],
    ["with s of 0", Buffer.concat([r, Buffer.alloc(32)])],
    ["with the order of the curve", Buffer.concat([order, order])],
    ["with s of the order", Buffer.concat([r, order])],
    ["in DER", der],
    ...Array.from({ length: 64 }, (_, length): [string, Uint8Array] => [
      `of ${length} bytes`,
      whole.subarray(0, length),
    ]),
  ];
  return signatures.map(([what, signature]) => [
    `a signature ${what}`,
    `${header}.${payload}.${Buffer.from(signature).toString("base64url")}`,
  ]);
}

async function ofOtherForms(forging: Forging): Promise<[string, string][]> {
  const { token, issuer, ec, claims } = forging;
  const [header = "", payload = "", signature = ""] = token.split(".");
  const known = encode({ alg: "ES256", kid: "ec" });
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const spare = alphabet.charAt(alphabet.indexOf(token.at(-1) ?? "A") ^ 1);
  const pad = "x".repeat(8_192);
  return [
    ["encrypted", `${encode({ alg: "RSA-OAEP", enc: "A256GCM" })}.AAAA.BBBB.CCCC.DDDD`],
    [
      "within another",
      `${encode({ alg: "ES256", kid: "ec", cty: "JWT" })}.${encode(token)}.${signature}`,
    ],
    ["detached", `${header}..${signature}`],
    ["of two parts", `${header}.${payload}`],
    ["of four parts", `${token}.${signature}`],
    ["too long", await signToken({ key: ec, issuer, claims: { ...claims, pad } })],
    ["with a header that is no JSON", `${encode("{not json")}.${payload}.${signature}`],
    ["with a header that is a list", `${encode(["ES256"])}.${payload}.${signature}`],
    ["with a payload that is no JSON", `${known}.${encode("{")}.${signature}`],
    ["with a payload that is null", `${known}.${encode("null")}.${signature}`],
    [
      "with bytes that are no UTF-8",
      `${known}.${Buffer.from([0xff, 0xfe]).toString("base64url")}.AAAA`,
    ],
    ["with a payload that is deep", `${known}.${encode("[".repeat(3_000))}.AAAA`],
    [
      "with claims that stand twice",
      `${known}.${encode(`{"iss":"x","iss":"${issuer}"}`)}.${signature}`,
    ],
    ["with members of a prototype", `${known}.${encode(`{"__proto__":{"iss":"${issuer}"}}`)}.AAAA`],
    [
      "with an unencoded payload",
      `${encode({ alg: "ES256", kid: "ec", b64: false, crit: ["b64"] })}.${payload}.${signature}`,
    ],
    [
      "with an extension to be understood",
      `${encode({ alg: "ES256", kid: "ec", crit: ["x"], x: 1 })}.${payload}.${signature}`,
    ],
    ["with spare bits in its last character", token.slice(0, -1) + spare],
    ["padded", `${token}=`],
    ["in the other base64", `${token.replaceAll("-", "+").replaceAll("_", "/")}=`],
    ["with a space", token.replace(".", ". ")],
  ];
}
