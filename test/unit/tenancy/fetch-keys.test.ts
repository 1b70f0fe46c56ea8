import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { keyFetcher } from "../../../src/tenancy/index.ts";
import { issuerKey, startIssuer, type TokenIssuer } from "../../support/token-issuer.ts";

/** Where the name keys.example leads. */
let leadsTo = "";

vi.mock("node:dns", () => ({
  lookup: (
    _hostname: string,
    { all }: { all?: boolean },
    callback: (error: null, address: unknown, family?: number) => void,
  ) => {
    const family = leadsTo.includes(":") ? 6 : 4;
    if (all === true) callback(null, [{ address: leadsTo, family }]);
    else callback(null, leadsTo, family);
  },
}));

let issuer: TokenIssuer;
let other: TokenIssuer;
const fetcher = keyFetcher();

beforeAll(async () => {
  issuer = await startIssuer(await issuerKey("a"), await issuerKey("b", "RS256"));
  other = await startIssuer();
});

afterEach(() => {
  issuer.answer = undefined;
  issuer.configuration = {};
  other.asked.length = 0;
});

afterAll(async () => {
  await fetcher.close();
  await Promise.all([issuer.close(), other.close()]);
});

const patience = () => AbortSignal.timeout(5_000);
const discover = (url = issuer.url, signal = patience()) =>
  fetcher.fetch({ issuer: url, keys: { type: "Discovery" } }, signal);
const fetchAt = (uri: string) =>
  fetcher.fetch({ issuer: issuer.url, keys: { type: "Jwks", uri } }, patience());

describe("the keys of an issuer", () => {
  test("are found through its OpenID configuration", async () => {
    const { issuer: named, keys } = await discover();
    expect(named).toBe(issuer.url);
    expect(keys.keys.map(({ kid }) => kid)).toEqual(["a", "b"]);
  });

  test("are fetched where the policy says, and no configuration is asked for", async () => {
    issuer.asked.length = 0;
    expect((await fetchAt(`${issuer.url}/keys`)).keys.keys).toHaveLength(2);
    expect(issuer.asked).toEqual(["/keys"]);
  });

  test("come without what is secret of them, and without secret keys", async () => {
    const [key] = issuer.keys;
    issuer.answer = (_request, response) =>
      response.end(
        JSON.stringify({
          keys: [
            { kty: "oct", k: "c2VjcmV0", kid: "secret", alg: "HS256" },
            { ...key?.publicJwk, d: "private", ext: true, surprise: 1 },
            "none",
            null,
          ],
        }),
      );
    const { keys } = await fetchAt(`${issuer.url}/keys`);
    expect(keys.keys).toEqual([key?.publicJwk]);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["is of another issuer", { issuer: "https://id.example.com" }, /is of another issuer/],
    ["is its own but for a slash", { issuer: "http://127.0.0.1/" }, /is of another issuer/],
    ["names no keys", { jwks_uri: 7 }, /names no jwks_uri/],
    [
      "names keys elsewhere",
      { jwks_uri: "https://169.254.169.254/keys" },
      /at another address, https:\/\/169\.254\.169\.254: set jwksUri/,
    ],
    ["names keys by another scheme", { jwks_uri: "file:///etc/passwd" }, /at another address/],
    ["names keys of another port", { jwks_uri: "http://127.0.0.1:1/keys" }, /at another address/],
  ])("cannot be had by a configuration that %s", async (_what, configuration, why) => {
    issuer.configuration = configuration;
    await expect(discover()).rejects.toThrow(why);
  });

  test("are not looked for where an answer leads on to", async () => {
    issuer.answer = (_request, response) => {
      response.writeHead(302, { location: `${other.url}/keys` });
      response.end();
    };
    await expect(fetchAt(`${issuer.url}/keys`)).rejects.toThrow(/answered 302/);
    await expect(discover()).rejects.toThrow(/answered 302/);
    expect(other.asked).toEqual([]);
  });

  test.each<[string, TokenIssuer["answer"], RegExp]>([
    ["fails", (_request, response) => response.writeHead(503).end(), /answered 503/],
    ["is empty", (_request, response) => response.end(), /no JSON/],
    ["is a page", (_request, response) => response.end("<html>"), /no JSON/],
    ["is a list", (_request, response) => response.end("[]"), /no JWK set/],
    ["has no keys", (_request, response) => response.end('{"keys":[]}'), /no public key/],
    [
      "has too many",
      (_request, response) =>
        response.end(JSON.stringify({ keys: Array.from({ length: 101 }, () => ({})) })),
      /more than 100 keys/,
    ],
    [
      "is too long",
      (_request, response) => response.end(`"${"x".repeat(300_000)}"`),
      /more than 262144 bytes/,
    ],
    [
      "breaks off",
      (_request, response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{");
        setImmediate(() => response.destroy());
      },
      /broke off/,
    ],
    ["never comes", (request) => request.socket.destroy(), /cannot be reached/],
  ])("cannot be had where the answer %s", async (_what, answer, why) => {
    issuer.answer = answer;
    await expect(fetchAt(`${issuer.url}/keys`)).rejects.toThrow(why);
  });

  test("are waited for no longer than the caller has time", async () => {
    issuer.answer = () => undefined;
    await expect(discover(issuer.url, AbortSignal.timeout(50))).rejects.toThrow(
      /cannot be reached/,
    );
    issuer.answer = (_request, response) => {
      response.writeHead(200);
      response.write("{");
    };
    await expect(discover(issuer.url, AbortSignal.timeout(50))).rejects.toThrow(/broke off/);
  });

  test.each([
    ["the router's own machine", "127.0.0.1"],
    ["where a cloud keeps credentials", "169.254.169.254"],
    ["either in the form of IPv6", "::ffff:127.0.0.1"],
  ])("are not fetched from %s, though a name leads there", async (_where, address) => {
    const { port } = new URL(issuer.url);
    leadsTo = address;
    issuer.asked.length = 0;
    const refused = /keys\.example:\d+\/\S+ cannot be reached: ERR_SPECIAL_ADDRESS/;
    await expect(fetchAt(`http://keys.example:${port}/keys`)).rejects.toThrow(refused);
    await expect(discover(`http://keys.example:${port}`)).rejects.toThrow(refused);
    expect(issuer.asked).toEqual([]);
  });
});

describe("the keys of the cluster", () => {
  test("are what the API server says", async () => {
    const keys = { keys: issuer.keys.map(({ publicJwk }) => publicJwk) };
    const { fetch, close } = keyFetcher(async () => ({ issuer: "https://kubernetes", keys }));
    const fetched = await fetch({ keys: { type: "Cluster" } }, patience());
    expect(fetched).toEqual({ issuer: "https://kubernetes", keys });
    await close();
  });

  test("cannot be had without a cluster, nor from one that names no issuer", async () => {
    const place = { keys: { type: "Cluster" } } as const;
    await expect(fetcher.fetch(place, patience())).rejects.toThrow(/SWITCHYARD_CLUSTER_ISSUER/);
    const nameless = keyFetcher(async () => ({ issuer: undefined, keys: {} }));
    await expect(nameless.fetch(place, patience())).rejects.toThrow(/names no issuer/);
    await nameless.close();
  });
});
