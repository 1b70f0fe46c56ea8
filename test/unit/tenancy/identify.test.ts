import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";

import { buildKeyIndex, identify, newApiKey, readCredential } from "../../../src/tenancy/index.ts";
import { byName, keyEntry, tenantEntry } from "./sample-entries.ts";

const now = 1_000_000;
const denied = { message: "Its selector is not valid" };
const acme = tenantEntry("acme", {
  keys: [
    keyEntry("good"),
    keyEntry("bounded", { notBefore: now, expiresAt: now + 1 }),
    keyEntry("early", { notBefore: now + 1 }),
    keyEntry("late", { expiresAt: now }),
  ],
});
const shut = tenantEntry("shut", {
  denied,
  keys: [keyEntry("barred"), keyEntry("stale", { expiresAt: 0 })],
});
const odd = tenantEntry("odd", { keys: [{ id: "odd", sha256: "not hex" }] });
const keys = buildKeyIndex({ tenants: byName([acme, shut, odd]) });

const showing = (value: string) => identify({ kind: "key", value }, keys, now);

describe("who a caller is", () => {
  test.each(["good", "bounded"])("the key %s gives its tenant and its id", (value) => {
    expect(showing(value)).toEqual({
      ok: true,
      value: { tenant: acme, keyId: `id-of-${value}`, subjectType: "ApiKey" },
    });
  });

  test.each([
    ["unknown", "invalid_api_key", undefined],
    ["early", "invalid_api_key", "acme"],
    ["late", "expired_api_key", "acme"],
    ["barred", "tenant_denied", "shut"],
    ["stale", "tenant_denied", "shut"],
    ["not hex", "invalid_api_key", undefined],
  ])("the key %s is refused as %s", (value, code, tenant) => {
    const identification = showing(value);
    expect(identification).toMatchObject({ ok: false, error: { code } });
    if (identification.ok) return;
    expect(identification.error.tenant).toBe(tenant);
    expect(identification.error.message).not.toMatch(/acme|shut|id-of|selector/);
  });

  test("a key's digest is not a key", () => {
    expect(showing(keyEntry("good").sha256)).toMatchObject({ error: { code: "invalid_api_key" } });
  });

  test("without a credential a key is missing, and the message says where it goes", () => {
    const identification = identify({ kind: "none" }, keys, now);
    expect(identification).toMatchObject({ error: { code: "missing_api_key" } });
    expect(identification).toMatchObject({
      error: { message: expect.stringContaining("Authorization") },
    });
  });

  test("a malformed credential is no valid key, and keeps its own message", () => {
    const identification = identify({ kind: "malformed", message: "So it must read." }, keys, now);
    expect(identification).toEqual({
      ok: false,
      error: { code: "invalid_api_key", message: "So it must read.", reason: "malformed" },
    });
  });

  test("a digest that stands twice belongs to the first", () => {
    const twin = tenantEntry("twin", { keys: [keyEntry("good")] });
    const index = buildKeyIndex({ tenants: byName([acme, twin]) });
    expect(identify({ kind: "key", value: "good" }, index, now)).toMatchObject({
      value: { tenant: { name: "acme" } },
    });
  });
});

describe("a new API key", () => {
  test("opens what its digest was pasted into", () => {
    const { key, id, sha256 } = newApiKey();
    const tenant = tenantEntry("acme", { keys: [{ id, sha256 }] });
    const index = buildKeyIndex({ tenants: byName([tenant]) });
    const credential = readCredential({ authorization: `Bearer ${key}` });
    expect(identify(credential, index, now)).toEqual({
      ok: true,
      value: { tenant, keyId: id, subjectType: "ApiKey" },
    });
  });

  test("is 256 bits behind a mark that scanners know, with a digest and an id in lower case", () => {
    const { key, id, sha256 } = newApiKey();
    expect(key).toMatch(/^sy_[A-Za-z0-9_-]{43}$/);
    expect(id).toMatch(/^key-[0-9a-f]{12}$/);
    expect(sha256).toBe(createHash("sha256").update(key).digest("hex"));
  });

  test("writes the subject to paste, without the key", () => {
    const { key, id, sha256, subject } = newApiKey();
    expect(subject).toBe(`- type: ApiKey\n  apiKey:\n    id: ${id}\n    sha256: ${sha256}\n`);
    expect(subject).not.toContain(key);
  });

  test("is another one each time", () => {
    const made = Array.from({ length: 100 }, () => newApiKey());
    expect(new Set(made.map(({ key }) => key)).size).toBe(100);
    expect(new Set(made.map(({ id }) => id)).size).toBe(100);
  });
});
