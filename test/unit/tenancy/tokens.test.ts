import { createLocalJWKSet } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { buildTokenIndex, identify } from "../../../src/tenancy/index.ts";
import { KnownTokens } from "../../../src/tenancy/tokens/known-tokens.ts";
import {
  issuerKey,
  nowSeconds,
  signToken,
  type Claims,
  type IssuerKey,
} from "../../support/token-issuer.ts";
import { byName, tenantEntry } from "./sample-entries.ts";
import { issuer, tokenEntry, tokenStage, tokenTenant } from "./token-stage.ts";

let key: IssuerKey;

beforeAll(async () => {
  key = await issuerKey("first");
});

const sign = (claims: Claims = { team: "support" }, header = {}): Promise<string> =>
  signToken({ key, issuer, claims, header });

const refused = (code: string, reason: string) => ({ ok: false, error: { code, reason } });
const isTenant = (name: string) => ({ ok: true, value: { tenant: { name } } });

describe("a token", () => {
  test("gives its tenant, the id of the policy's subject and how the caller is known", async () => {
    const { show } = tokenStage([key], tokenTenant("acme"));
    const identification = await show(await sign());
    expect(identification).toMatchObject({
      ok: true,
      value: { tenant: { name: "acme" }, keyId: "token-1", subjectType: "Jwt" },
    });
  });

  test.each<[string, string, Claims]>([
    ["text", "team", { team: "support" }],
    ["list of texts", "groups", { groups: ["sales", "support"] }],
    [
      "claim whose name has dots",
      "https://example.com/roles",
      { "https://example.com/roles": ["support"] },
    ],
    ["member of an object", "realm_access.roles", { realm_access: { roles: ["support"] } }],
    ["word of a scope", "scope", { scope: "openid support" }],
  ])("is its tenant's by a %s", async (_kind, claim, claims) => {
    const { show } = tokenStage([key], tokenTenant("acme", [{ claim }]));
    expect(await show(await sign(claims))).toMatchObject(isTenant("acme"));
  });

  test.each<[string, string, Claims]>([
    ["is not there", "team", {}],
    ["is another", "team", { team: "sales" }],
    ["begins alike", "team", { team: "support-2" }],
    ["differs in case", "team", { team: "Support" }],
    ["is a list of others", "team", { team: ["support-2", "SUPPORT", " support"] }],
    ["is a list of lists", "team", { team: [["support"]] }],
    ["is an object", "team", { team: { support: true } }],
    ["is a text of words without being a scope", "team", { team: "sales support" }],
    ["is hidden behind one of the whole name", "a.b", { "a.b": "x", a: { b: "support" } }],
    ["is within a list", "a.0", { a: ["support"] }],
    ["is of every object's prototype", "constructor.name", {}],
    ["looks alike in Unicode", "team", { team: "suppоrt" }],
    ["is not normalised", "team", { team: "support\u200b" }],
  ])("is nobody's where the claim %s", async (_what, claim, claims) => {
    const value = claim === "constructor.name" ? "Object" : "support";
    const { show } = tokenStage([key], tokenTenant("acme", [{ claim, value }]));
    expect(await show(await sign(claims))).toMatchObject(refused("invalid_token", "no_subject"));
  });

  test("is of a ServiceAccount by namespace and name, whatever its own namespace calls itself", async () => {
    const { issuer: _theirs, ...token } = tokenEntry({
      type: "ServiceAccount",
      keys: { type: "Cluster" },
      claim: "sub",
      value: "system:serviceaccount:jobs:app",
    });
    const { show } = tokenStage([key], tenantEntry("acme", { tokens: [token] }));
    const sub = "system:serviceaccount:jobs:app";
    expect(await show(await sign({ sub }))).toMatchObject({
      ok: true,
      value: { subjectType: "ServiceAccount", tenant: { name: "acme" } },
    });
    for (const other of ["system:serviceaccount:other:app", "system:serviceaccount:jobs:app2"]) {
      const claims = { sub: other, "kubernetes.io": { namespace: "jobs" } };
      expect(await show(await sign(claims))).toMatchObject(refused("invalid_token", "no_subject"));
    }
  });

  test("that fits two tenants is the older policy's, then the first by name", async () => {
    const claims = { team: "support", groups: ["night"] };
    const old = tokenTenant("old", [{ claim: "groups", value: "night", since: 1 }]);
    const young = tokenTenant("a-young", [{ since: 2 }]);
    const twin = tokenTenant("b-twin", [{ since: 1 }]);
    const token = await sign(claims);
    for (const tenants of [
      [old, young, twin],
      [twin, young, old],
    ]) {
      const { show } = tokenStage([key], ...tenants);
      expect(await show(token)).toMatchObject(isTenant("b-twin"));
    }
    const { show } = tokenStage([key], young, old);
    expect(await show(token)).toMatchObject(isTenant("old"));
  });

  test("of a denied tenant is known and refused, also where a younger policy would take it", async () => {
    const shut = tokenTenant("shut", [{ since: 1 }], {
      denied: { message: "Its selector is wrong" },
    });
    const { show } = tokenStage(
      [key],
      shut,
      tokenTenant("open", [{ audience: "other", since: 2 }]),
    );
    expect(await show(await sign())).toEqual({
      ok: false,
      error: expect.objectContaining({ code: "tenant_denied", tenant: "shut", keyId: "token-1" }),
    });
  });

  test("is taken by the algorithms of the subject that it fits, not those of another", async () => {
    const strict = await issuerKey("strict", "ES384");
    const { show } = tokenStage(
      [key, strict],
      tokenTenant("acme", [
        { algorithms: ["ES384"] },
        { id: "lax", claim: "x", algorithms: ["ES256"] },
      ]),
    );
    expect(await show(await sign())).toMatchObject(refused("invalid_token", "algorithm"));
    const token = await signToken({ key: strict, issuer, claims: { team: "support" } });
    expect(await show(token)).toMatchObject(isTenant("acme"));
  });

  test.each(["RS256", "PS384", "ES512", "EdDSA"] as const)(
    "may be signed by %s",
    async (algorithm) => {
      const other = await issuerKey("other", algorithm);
      const { show } = tokenStage([key, other], tokenTenant("acme", [{ algorithms: [algorithm] }]));
      const token = await signToken({ key: other, issuer, claims: { team: "support" } });
      expect(await show(token)).toMatchObject(isTenant("acme"));
    },
  );

  test.each<[string, string, string, Claims]>([
    ["has expired", "expired_token", "expired", { exp: nowSeconds() - 31 }],
    ["expires never", "invalid_token", "claims", { exp: undefined }],
    ["expires at a text", "invalid_token", "claims", { exp: "9999999999" }],
    ["is not valid yet", "invalid_token", "not_yet_valid", { nbf: nowSeconds() + 120 }],
    ["was made in the future", "invalid_token", "not_yet_valid", { iat: nowSeconds() + 120 }],
    ["is for others", "invalid_token", "audience", { aud: "others" }],
    ["is for others, of a list", "invalid_token", "audience", { aud: ["a", "Switchyard"] }],
    ["is for nobody", "invalid_token", "audience", { aud: undefined }],
    ["is of another issuer", "invalid_token", "unknown_issuer", { iss: "https://id.example.com/" }],
    ["is of no issuer", "invalid_token", "malformed", { iss: undefined }],
    ["is of a list of issuers", "invalid_token", "malformed", { iss: [issuer] }],
  ])("that %s is refused", async (_what, code, reason, claims) => {
    const { show } = tokenStage([key], tokenTenant("acme"));
    const token = await sign({ team: "support", ...claims });
    expect(await show(token)).toMatchObject(refused(code, reason));
  });

  test.each([
    [{ exp: nowSeconds() - 10 }],
    [{ nbf: nowSeconds() + 20, iat: nowSeconds() + 20 }],
    [{ aud: ["others", "switchyard"] }],
    [{ iat: undefined, nbf: undefined }],
  ])("is good within the tolerance of clocks and of lists: %j", async (claims: Claims) => {
    const { show } = tokenStage([key], tokenTenant("acme"));
    expect(await show(await sign({ team: "support", ...claims }))).toMatchObject(isTenant("acme"));
  });

  test.each([
    ["typ of a logout token", { typ: "logout+jwt" }, "token_type"],
    ["typ of an event", { typ: "secevent+jwt" }, "token_type"],
  ])("with the %s is refused", async (_what, header, reason) => {
    const { show } = tokenStage([key], tokenTenant("acme"));
    expect(await show(await sign(undefined, header))).toMatchObject(
      refused("invalid_token", reason),
    );
  });

  test.each(["at+jwt", "application/at+jwt", "jwt", undefined])(
    "may have the typ %s",
    async (typ) => {
      const { show } = tokenStage([key], tokenTenant("acme"));
      const token = await sign(undefined, { typ });
      expect(await show(token)).toMatchObject(isTenant("acme"));
    },
  );
});

describe("a token that was verified", () => {
  test("is known again at once, until it expires", async () => {
    const { show, clock, asked } = tokenStage([key], tokenTenant("acme"));
    const token = await sign();
    await show(token);
    clock.pass(329_000);
    expect(await show(token)).toMatchObject(isTenant("acme"));
    clock.pass(2_000);
    expect(await show(token)).toMatchObject(refused("expired_token", "expired"));
    expect(asked()).toBeLessThanOrEqual(2);
  });

  test("is judged anew by the next table", async () => {
    const { show, load } = tokenStage([key], tokenTenant("acme"));
    const token = await sign();
    expect(await show(token)).toMatchObject(isTenant("acme"));
    load(tokenTenant("acme", [{ value: "sales" }]));
    expect(await show(token)).toMatchObject(refused("invalid_token", "no_subject"));
    load(tokenTenant("acme", [{}], { denied: { message: "No" } }));
    expect(await show(token)).toMatchObject({ error: { code: "tenant_denied" } });
    load();
    expect(await show(token)).toMatchObject(refused("invalid_token", "unknown_issuer"));
    load(tokenTenant("other"));
    expect(await show(token)).toMatchObject(isTenant("other"));
  });

  test("is refused once its key is gone, ten minutes after its removal at the latest", async () => {
    const stage = tokenStage([key], tokenTenant("acme"));
    const token = await sign({ team: "support", exp: nowSeconds() + 7_200 });
    expect(await stage.show(token)).toMatchObject(isTenant("acme"));
    stage.keys.splice(0, 1, await issuerKey("second"));
    stage.clock.pass(10 * 60_000);
    expect(await stage.show(token)).toMatchObject(refused("invalid_token", "unknown_key"));
  });

  test("is not remembered without bound: what was shown least lately is forgotten first", () => {
    const index = buildTokenIndex({ tenants: byName([]) });
    const held = { issuer, count: 0, content: "", resolve: createLocalJWKSet({ keys: [] }) };
    const identification = identify({ kind: "none" }, new Map(), 0);
    const known = new KnownTokens();
    const keep = (name: string) =>
      known.keep(name, { identification, issuer: { usable: () => held }, held, index, until: 1 });
    const finds = (name: string) => known.find(name, index, 0) !== undefined;
    keep("often");
    keep("once");
    for (let number = 0; number < 4_095; number += 1) {
      expect(finds("often")).toBe(true);
      keep(`${number}`);
    }
    expect(["often", "once", "0", "4094"].map(finds)).toEqual([true, false, true, true]);
  });
});
