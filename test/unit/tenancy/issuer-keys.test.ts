import { beforeAll, describe, expect, test } from "vitest";
import { issuerKey, nowSeconds, signToken, type IssuerKey } from "../../support/token-issuer.ts";
import { tenantEntry } from "./sample-entries.ts";
import { issuer, tokenEntry, tokenStage, tokenTenant } from "./token-stage.ts";

let first: IssuerKey;
let second: IssuerKey;
let stranger: IssuerKey;

beforeAll(async () => {
  [first, second, stranger] = (await Promise.all(
    ["first", "second", "stranger"].map((kid) => issuerKey(kid)),
  )) as [IssuerKey, IssuerKey, IssuerKey];
});

const tokenBy = (key: IssuerKey, kid = key.kid): Promise<string> =>
  signToken({
    key,
    issuer,
    claims: { team: "support", exp: nowSeconds() + 86_400, jti: kid },
    header: { kid },
  });

const acme = tokenTenant("acme");
const good = { ok: true, value: { tenant: { name: "acme" } } };
const bad = { ok: false, error: { code: "invalid_token", reason: "unknown_key" } };
const unavailable = { ok: false, error: { code: "identity_unavailable" } };

describe("the keys of an issuer", () => {
  test("are fetched with the table, and once for all who wait for them", async () => {
    const stage = tokenStage([first], acme);
    const token = await tokenBy(first);
    const all = await Promise.all(Array.from({ length: 20 }, () => stage.show(token)));
    expect(all.every(({ ok }) => ok)).toBe(true);
    expect(stage.asked()).toBe(1);
  });

  test("stay with a table that names the same issuer, and go with one that does not", async () => {
    const stage = tokenStage([first], acme);
    const token = await tokenBy(first);
    await stage.show(token);
    stage.load(acme, tokenTenant("other", [{ value: "other" }]));
    await stage.show(token);
    expect(stage.asked()).toBe(1);
    stage.load();
    stage.load(acme);
    await stage.show(token);
    expect(stage.asked()).toBe(2);
  });

  test("are fetched anew for a key that is not there: who rotates need not wait", async () => {
    const stage = tokenStage([first], acme);
    expect(await stage.show(await tokenBy(first))).toMatchObject(good);
    stage.clock.pass(31_000);
    stage.keys.push(second);
    expect(await stage.show(await tokenBy(second))).toMatchObject(good);
    expect(await stage.show(await tokenBy(first))).toMatchObject(good);
    expect(stage.asked()).toBe(2);
  });

  test("are not fetched for every key that somebody makes up", async () => {
    const stage = tokenStage([first], acme);
    await stage.show(await tokenBy(first));
    stage.clock.pass(31_000);
    for (let index = 0; index < 50; index += 1) {
      expect(await stage.show(await tokenBy(stranger, `made-up-${index}`))).toMatchObject(bad);
    }
    expect(stage.asked()).toBe(2);
    stage.clock.pass(31_000);
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, index) => tokenBy(stranger, `again-${index}`)),
    );
    await Promise.all(tokens.map((token) => stage.show(token)));
    expect(stage.asked()).toBe(3);
  });

  test("are fetched again beside the requests, which do not wait", async () => {
    const stage = tokenStage([first], acme);
    const token = await tokenBy(first);
    await stage.show(token);
    stage.clock.pass(5 * 60_000);
    const subjects = stage.show(token);
    expect(stage.asked()).toBe(2);
    expect(await subjects).toMatchObject(good);
  });

  test("serve for an hour where their issuer fails, and no longer", async () => {
    const stage = tokenStage([first], acme);
    const token = await tokenBy(first);
    await stage.show(token);
    stage.fail("no answer");
    stage.clock.pass(5 * 60_000);
    await stage.show(token);
    stage.clock.pass(54 * 60_000);
    expect(await stage.show(token)).toMatchObject(good);
    stage.clock.pass(60_000);
    expect(await stage.show(token)).toMatchObject(unavailable);
    expect(stage.callers.issuers()).toEqual([
      { issuer, source: "Jwks", keys: 1, ageSeconds: 3_600, problem: "no answer" },
    ]);
    stage.fail(undefined);
    stage.clock.pass(10_000);
    expect(await stage.show(token)).toMatchObject(good);
    expect(stage.callers.issuers()).toMatchObject([{ ageSeconds: 0, problem: null }]);
  });

  test("that cannot be had are asked for every ten seconds at most, and the caller is told when", async () => {
    const stage = tokenStage([first], tokenTenant("none", []));
    stage.fail("no route to host");
    stage.load(acme);
    const token = await tokenBy(first);
    for (let index = 0; index < 20; index += 1) {
      expect(await stage.show(token)).toMatchObject({ error: { retryAfterMs: 10_000 } });
    }
    expect(stage.asked()).toBe(1);
    stage.clock.pass(4_000);
    expect(await stage.show(token)).toMatchObject({ error: { retryAfterMs: 6_000 } });
    stage.clock.pass(6_000);
    expect(await stage.show(token)).toMatchObject(unavailable);
    expect(stage.asked()).toBe(2);
    expect(stage.problems).toEqual(["no route to host", "no route to host"]);
  });

  test("an issuer that cannot be asked takes none of the others down", async () => {
    const stage = tokenStage([first], acme);
    await stage.show(await tokenBy(first));
    stage.fail("gone");
    stage.load(acme, tokenTenant("other", [{ issuer: "https://other.example" }]));
    expect(await stage.show(await tokenBy(first))).toMatchObject(good);
    const other = await signToken({ key: first, issuer: "https://other.example" });
    expect(await stage.show(other)).toMatchObject(unavailable);
  });

  test("of one place verify no subject whose keys are elsewhere", async () => {
    const keys = { type: "Jwks", uri: "https://id.example.com/elsewhere" } as const;
    const stage = tokenStage([first], acme);
    stage.elsewhere.push(stranger);
    stage.load(
      acme,
      tokenTenant("other", [
        { keys, value: "x" },
        { keys, value: "support" },
      ]),
    );
    expect(await stage.show(await tokenBy(stranger))).toMatchObject({
      ok: true,
      value: { tenant: { name: "other" } },
    });
    const forged = await signToken({ key: stranger, issuer, claims: { team: "sales" } });
    stage.load(
      tokenTenant("acme", [{ value: "sales" }]),
      tokenTenant("other", [{ keys, value: "x" }]),
    );
    expect(await stage.show(forged)).toMatchObject({ ok: false });
  });
});

describe("an API server that cannot be asked who it is", () => {
  const { issuer: _named, ...account } = tokenEntry({
    type: "ServiceAccount",
    keys: { type: "Cluster" },
    claim: "sub",
    value: "system:serviceaccount:shop:app",
  });
  const pods = tenantEntry("pods", { tokens: [account] });

  test("leaves tokens of unknown issuers undecided, and those of others as they are", async () => {
    const stage = tokenStage([first], acme);
    await stage.show(await tokenBy(first));
    stage.fail("no route to host");
    stage.load(acme, pods);
    expect(await stage.show(await tokenBy(first))).toMatchObject(good);
    expect(await stage.show(await tokenBy(stranger))).toMatchObject(bad);
    const unknown = await signToken({ key: first, issuer: "https://kubernetes.default.svc" });
    expect(await stage.show(unknown)).toMatchObject(unavailable);
  });
});
