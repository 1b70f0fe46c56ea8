// Callers who show tokens, through a real router: who is let in, what others are told, and what is kept.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { backendOf, routeOf, tenantOf, type LocalResource } from "../../support/local-resources.ts";
import { startOtlpSink, type OtlpSink } from "../../support/otlp-sink.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { errorIn, onlyRecordOf, send, type Got, type Sending } from "../../support/send.ts";
import { forgedTokens } from "../../support/forged-tokens.ts";
import { startLocal, type Local } from "../../support/start-local.ts";
import {
  audience,
  issuerKey,
  nowSeconds,
  startIssuer,
  type Claims,
  type TokenIssuer,
} from "../../support/token-issuer.ts";

let sink: OtlpSink;
let issuer: TokenIssuer;
let local: Local;
/** Every token that was shown. */
const shown: string[] = [];

const apiKey = "sy_a-key-that-stands-beside-tokens";
const olderKey = "sy_the-key-that-it-replaces";

const jwt = (value: string, members: object = {}) => ({
  type: "Jwt",
  jwt: { issuer: issuer.url, audience, algorithms: ["ES256"], claim: "team", value, ...members },
});

const policy = (name: string, subjects: object[], members: object = {}): LocalResource =>
  tenantOf(name, "unused", { subjects, ...members });

const resources = (): LocalResource[] => [
  backendOf("micro"),
  backendOf("pro"),
  routeOf("support", ["micro"], { access: "Tenants", labels: { team: "support" } }),
  routeOf("sales", ["micro"], { access: "Tenants", labels: { team: "sales" } }),
  routeOf("open", ["micro"]),
  policy("support", [jwt("support")], {
    routes: { selector: { matchLabels: { team: "support" } } },
  }),
  policy("sales", [jwt("sales")], { routes: { selector: { matchLabels: { team: "sales" } } } }),
  policy("shut", [jwt("shut")], { surprise: true }),
  policy("pods", [
    { type: "ServiceAccount", serviceAccount: { namespace: "shop", name: "app", audience } },
  ]),
];

beforeAll(async () => {
  sink = await startOtlpSink();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
  issuer = await startIssuer();
  local = await startLocal({ resources: resources() });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await local.stop();
  await issuer.close();
  await sink.close();
});

async function tokenWith(claims: Claims = {}, header: object = {}): Promise<string> {
  const token = await issuer.sign(claims, header);
  shown.push(token);
  return token;
}

const ask = (model: string, sending: Sending = {}): Promise<Got> =>
  send(local, { body: chatOf(model, "Hi"), ...sending });

const askWith = async (model: string, claims: Claims): Promise<Got> =>
  ask(model, { key: await tokenWith(claims) });

const codeOf = (got: Got): string => `${got.status} ${errorIn(got).code}`;

describe("a token", () => {
  it("lets its tenant in, and the record says by what", async () => {
    const got = await askWith("support", { team: "support", email: "planted@example.com" });
    expect(got.status).toBe(200);
    const record = await onlyRecordOf(local, got.requestId);
    expect(record).toMatchObject({ tenant: "support", subject_type: "Jwt" });
    expect(record.key_id).toMatch(/^token-[0-9a-f]{12}$/);
  });

  it("opens no more than the policy: other tenants' routes do not exist", async () => {
    const other = await askWith("sales", { team: "support" });
    const nothing = await askWith("nothing", { team: "support" });
    expect(codeOf(other)).toBe("404 model_not_found");
    expect(other.text.replaceAll("sales", "X")).toBe(nothing.text.replaceAll("nothing", "X"));
  });

  it("shows its tenant's models, and nobody else's", async () => {
    const got = await send(local, {
      method: "GET",
      path: "/v1/models",
      key: await tokenWith({ team: "sales" }),
    });
    const { data } = JSON.parse(got.text) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(["open", "sales"]);
  });

  it("is looked up with its issuer once, however often it comes", async () => {
    const token = await tokenWith({ team: "support" });
    issuer.asked.length = 0;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask("support", { key: token })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(issuer.asked).toEqual([]);
  });

  it("of a denied tenant is refused everywhere, on Anonymous routes too", async () => {
    for (const model of ["support", "open", "nothing"]) {
      const got = await askWith(model, { team: "shut" });
      expect(codeOf(got)).toBe("403 tenant_denied");
      expect(got.headers["www-authenticate"]).toBe(
        'Bearer realm="switchyard", error="insufficient_scope"',
      );
    }
  });

  it("of a ServiceAccount lets nobody in without a cluster, and a finding says so", () => {
    expect(local.refreshes[0]?.problems.join("\n")).toMatch(
      /no cluster here whose ServiceAccount tokens could be verified.*SWITCHYARD_CLUSTER_ISSUER/,
    );
  });
});

describe("what is told to whom is not let in", () => {
  const challenge = 'Bearer realm="switchyard", error="invalid_token"';

  it("is the same in code, body and headers for whatever is wrong with a token, and exists or not", async () => {
    const stranger = await issuerKey("stranger");
    const wrong = [
      await tokenWith({ team: "nobody" }),
      await tokenWith({ team: "support", aud: "others" }),
      await tokenWith({ team: "support", iss: "https://unknown.example" }),
      await tokenWith({ team: "support", exp: undefined }),
      await tokenWith({ team: "support" }, { typ: "logout+jwt" }),
      await issuer.sign({ team: "support" }, {}, stranger),
      await issuer.sign({ team: "support" }, {}, { ...stranger, kid: "first" }),
      `${(await tokenWith({ team: "support" })).slice(0, -10)}AAAAAAAAAA`,
    ];
    const answers: string[] = [];
    for (const key of wrong) {
      for (const model of ["support", "sales"]) {
        const got = await ask(model, { key });
        answers.push(JSON.stringify([got.status, got.text, got.headers["www-authenticate"]]));
      }
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("invalid_token");
    expect(answers[0]).toContain(challenge.replaceAll('"', '\\"'));
  });

  it("says that its time is over only where it was good", async () => {
    const expired = await askWith("support", { team: "support", exp: nowSeconds() - 60 });
    expect(codeOf(expired)).toBe("401 expired_token");
    expect(expired.headers["www-authenticate"]).toBe(challenge);
    const forged = await issuer.sign({ exp: nowSeconds() - 60 }, {}, await issuerKey("first"));
    expect(codeOf(await ask("support", { key: forged }))).toBe("401 invalid_token");
  });

  it("names no error where nothing was shown, and an API key's as RFC 6750 has it", async () => {
    const nothing = await ask("support");
    expect(codeOf(nothing)).toBe("401 missing_api_key");
    expect(nothing.headers["www-authenticate"]).toBe('Bearer realm="switchyard"');
    const unknown = await ask("support", { key: "sy_unknown" });
    expect(codeOf(unknown)).toBe("401 invalid_api_key");
    expect(unknown.headers["www-authenticate"]).toBe(challenge);
  });

  it("leaves Anonymous routes open to a token that is nobody's", async () => {
    const got = await askWith("open", { team: "nobody" });
    expect(got.status).toBe(200);
    const record = await onlyRecordOf(local, got.requestId);
    expect(record).toMatchObject({ tenant: null, key_id: null, subject_type: null });
  });

  it("is counted by reason", async () => {
    const metrics = await (await fetch(`${local.adminUrl}/metrics`)).text();
    for (const reason of [
      "no_subject",
      "audience",
      "unknown_issuer",
      "signature",
      "expired",
      "missing",
    ]) {
      expect(metrics).toMatch(
        new RegExp(
          `switchyard_callers_refused_total\\{[^}]*switchyard_refusal="${reason}"[^}]*\\} [1-9]`,
        ),
      );
    }
  });
});

describe("what somebody forges", () => {
  it("lets nobody in, and all of it is answered alike", async () => {
    const ec = issuer.keys[0] ?? (await issuerKey("ec"));
    const forging = {
      issuer: issuer.url,
      ec,
      rsa: await issuerKey("rsa", "RS256"),
      attacker: await issuerKey(ec.kid),
      token: await tokenWith({ team: "support" }),
      claims: { team: "support" },
    };
    const answers = new Map<string, string>();
    for (const [what, key] of await forgedTokens(forging)) {
      const { status, text } = await ask("support", { key });
      const { code } = (JSON.parse(text) as { error: { code: string } }).error;
      if (`${status} ${code}` !== "401 invalid_token") answers.set(what, `${status} ${code}`);
    }
    // What has not even the form of a token is taken for a key.
    expect(new Set(answers.values())).toEqual(new Set(["401 invalid_api_key"]));
    expect(issuer.asked.filter((path) => path === "/keys").length).toBeLessThanOrEqual(2);
  });

  it("lets nobody in who changes any character of a good token", async () => {
    const token = await tokenWith({ team: "support" });
    expect((await ask("support", { key: token })).status).toBe(200);
    const codes = new Set<string>();
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === "A" ? "B" : "A";
      const { status } = await ask("support", {
        key: token.slice(0, at) + other + token.slice(at + 1),
      });
      codes.add(String(status));
    }
    expect([...codes]).toEqual(["401"]);
  });

  it("lets nobody in by a second Authorization header: the first one counts", async () => {
    const token = await tokenWith({ team: "support" });
    const first = { authorization: ["Bearer sy_nobody", `Bearer ${token}`] as never };
    expect(codeOf(await ask("support", { headers: first }))).toBe("401 invalid_api_key");
  });
});

describe("nothing else of a request says who calls", () => {
  const identities = {
    "x-tenant": "support",
    "x-switchyard-tenant": "support",
    "x-forwarded-user": "support",
    "x-forwarded-client-cert": "URI=spiffe://cluster/ns/shop/sa/app",
    "x-remote-user": "support",
    "x-api-key": apiKey,
    "openai-organization": "support",
    "x-amzn-oidc-identity": "support",
    "x-forwarded-authorization": "",
    "proxy-authorization": "",
    cookie: "tenant=support",
    from: "support@example.com",
  };

  it("no header, whether beside nothing or beside another's key", async () => {
    const token = await tokenWith({ team: "support" });
    const headers = {
      ...identities,
      "x-forwarded-authorization": `Bearer ${token}`,
      "proxy-authorization": `Bearer ${token}`,
      cookie: `authorization=${token}`,
    };
    expect(codeOf(await ask("support", { headers }))).toBe("401 missing_api_key");
    const sales = await tokenWith({ team: "sales" });
    expect(codeOf(await ask("support", { headers, key: sales }))).toBe("404 model_not_found");
  });

  it("no query and no field of the body", async () => {
    const token = await tokenWith({ team: "support" });
    const query = await ask("support", {
      path: `/v1/chat/completions?access_token=${token}&api_key=${token}&tenant=support`,
    });
    expect(codeOf(query)).toBe("401 missing_api_key");
    const body = { ...(chatOf("support", "Hi") as object), user: "support", tenant: "support" };
    expect((await send(local, { body })).status).toBe(401);
  });

  it("no token in the header that is for keys, nor by another scheme", async () => {
    const token = await tokenWith({ team: "support" });
    const asKey = await ask("support", { headers: { "api-key": token } });
    expect(codeOf(asKey)).toBe("401 invalid_api_key");
    for (const scheme of ["Basic", "DPoP", "Token", "JWT"]) {
      const got = await ask("support", { headers: { authorization: `${scheme} ${token}` } });
      expect(codeOf(got)).toBe("401 invalid_api_key");
    }
  });
});

describe("two API keys of one tenant", () => {
  const twoKeys = (olderEnds: string) => {
    const [older, newer] = [olderKey, apiKey].map((key, index) => {
      const { subjects } = tenantOf("rotating", key).spec as { subjects: { apiKey: object }[] };
      const dates = index === 0 ? { expiresAt: olderEnds } : { notBefore: "2020-01-01T00:00:00Z" };
      return { type: "ApiKey", apiKey: { ...subjects[0]?.apiKey, id: `key-${index}`, ...dates } };
    });
    return policy("rotating", [older ?? {}, newer ?? {}]);
  };

  it("are both good while one takes over, and records tell which is still used", async () => {
    await local.write([...resources(), twoKeys("2100-01-01T00:00:00Z")]);
    await local.refreshed(({ table }) => "rotating" in table.tenants);
    for (const [key, id] of [
      [olderKey, "key-0"],
      [apiKey, "key-1"],
    ] as const) {
      const got = await ask("sales", { key });
      expect(got.status).toBe(200);
      const record = await onlyRecordOf(local, got.requestId);
      expect(record).toMatchObject({ tenant: "rotating", key_id: id, subject_type: "ApiKey" });
    }
    await local.write([...resources(), twoKeys("2021-01-01T00:00:00Z")]);
    await local.refreshed(
      ({ table }) => table.tenants["rotating"]?.keys[0]?.expiresAt === 1_609_459_200_000,
    );
    expect(codeOf(await ask("sales", { key: olderKey }))).toBe("401 expired_api_key");
    expect((await ask("sales", { key: apiKey })).status).toBe(200);
  });
});

describe("an issuer", () => {
  it("may rotate its keys: the old one and the new one are good beside each other", async () => {
    const rotating = await startIssuer(await issuerKey("old"));
    try {
      const jwks = { issuer: rotating.url, jwksUri: `${rotating.url}/keys` };
      await local.write([...resources(), policy("rotating", [jwt("rotating", jwks)])]);
      await local.refreshed(({ table }) => table.tenants["rotating"]?.tokens !== undefined);
      const [old] = rotating.keys;
      expect((await ask("sales", { key: await rotating.sign({ team: "rotating" }) })).status).toBe(
        200,
      );
      const next = await issuerKey("next");
      rotating.keys.push(next);
      const token = await rotating.sign({ team: "rotating" }, {}, next);
      // The keys were fetched a moment ago: those that are not there are not looked for at every call.
      expect(codeOf(await ask("sales", { key: token }))).toBe("401 invalid_token");
      const before = rotating.asked.length;
      await Promise.all(Array.from({ length: 20 }, () => ask("sales", { key: token })));
      expect(rotating.asked).toHaveLength(before);
      expect(
        (await ask("sales", { key: await rotating.sign({ team: "rotating" }, {}, old) })).status,
      ).toBe(200);
    } finally {
      await rotating.close();
    }
  });

  it("that cannot be reached is told of: 503 with retry-after, /readyz, /table, metrics and the log", async () => {
    const gone = await startIssuer();
    await gone.close();
    await local.write([...resources(), policy("lost", [jwt("lost", { issuer: gone.url })])]);
    await local.refreshed(({ table }) => "lost" in table.tenants);
    const key = await gone.sign({ team: "lost" });
    for (const model of ["sales", "open"]) {
      const got = await ask(model, { key });
      expect(codeOf(got)).toBe("503 identity_unavailable");
      expect(Number(got.headers["retry-after"])).toBeGreaterThan(0);
    }
    const ready = await fetch(`${local.adminUrl}/readyz`);
    expect(ready.status).toBe(200);
    const { problems } = (await ready.json()) as { problems: string[] };
    expect(problems.join("\n")).toContain(`The keys of ${gone.url} cannot be fetched`);
    const table = await (await fetch(`${local.adminUrl}/table`)).json();
    expect(table).toMatchObject({
      issuers: expect.arrayContaining([
        expect.objectContaining({
          issuer: gone.url,
          keys: 0,
          problem: expect.stringContaining("ECONNREFUSED"),
        }),
        expect.objectContaining({ issuer: issuer.url, keys: 1, problem: null }),
      ]),
    });
    const metrics = await (await fetch(`${local.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(
      /switchyard_issuer_keys_fetches_total\{[^}]*outcome="error"[^}]*\} [1-9]/,
    );
    expect(local.log.join("")).toContain("Fetching an issuer's keys failed");
    expect((await askWith("support", { team: "support" })).status).toBe(200);
  });
});

describe("of a token, a key and claims", () => {
  it("nothing stands in logs, records, spans, metrics or at the admin port", async () => {
    const table = await (await fetch(`${local.adminUrl}/table`)).text();
    const ready = await (await fetch(`${local.adminUrl}/readyz`)).text();
    const metrics = await (await fetch(`${local.adminUrl}/metrics`)).text();
    await local.stop();
    expect(sink.spans().length).toBeGreaterThan(10);
    const kept = [
      ...local.log,
      JSON.stringify(local.records.all),
      ...sink.bodies,
      table,
      ready,
      metrics,
    ].join("\n");
    expect(shown.length).toBeGreaterThan(15);
    for (const token of shown) {
      for (const part of token.split(".").slice(1)) expect(kept).not.toContain(part.slice(0, 40));
    }
    for (const secret of [apiKey, olderKey, "planted@example.com"])
      expect(kept).not.toContain(secret);
    const types = sink
      .spans()
      .flatMap(({ attributes }) =>
        attributes.flatMap(({ key, value }) =>
          key === "switchyard.subject.type" ? [value.stringValue] : [],
        ),
      );
    expect(new Set(types)).toEqual(new Set(["Jwt", "ApiKey"]));
  });
});
