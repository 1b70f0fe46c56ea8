// ServiceAccounts without an API server: whoever starts the router says who issues their tokens.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";
import { audience, startIssuer, type TokenIssuer } from "../../support/token-issuer.ts";

let issuer: TokenIssuer;
let folder: string;
let jwks: string;

const sub = "system:serviceaccount:shop:checkout";
const account = { namespace: "shop", name: "checkout", audience };

beforeAll(async () => {
  issuer = await startIssuer();
  folder = await mkdtemp(join(tmpdir(), "switchyard-cluster-"));
  const subjects = [{ type: "ServiceAccount", serviceAccount: account }];
  const resources = [
    backendOf("micro"),
    routeOf("chat", ["micro"], { access: "Tenants" }),
    tenantOf("pods", "unused", { subjects }),
  ];
  await writeFile(join(folder, "resources.yaml"), yamlOf(resources));
  jwks = join(folder, "jwks.json");
  await writeFile(jwks, JSON.stringify({ keys: issuer.keys.map(({ publicJwk }) => publicJwk) }));
});

afterAll(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

/** Asks a router of its own for each of the tokens; gives the statuses. */
async function ask(place: string, tokens: readonly string[]): Promise<number[]> {
  const words = ["local", "--config", folder, "--port", "0", "--admin-port", "0"];
  const router = new SwitchyardProcess([...words, "--record", join(folder, "records")], {
    SWITCHYARD_CLUSTER_ISSUER: issuer.url,
    SWITCHYARD_CLUSTER_JWKS: place,
  });
  try {
    const [, url = ""] = await router.prints(/(http:\/\/127\.0\.0\.1:\d+)\/v1/);
    const statuses: number[] = [];
    for (const key of tokens) {
      const got = await send({ url }, { key, body: chatOf("chat", "Hi") });
      statuses.push(got.status);
    }
    expect(router.stdout + router.stderr).not.toContain("could be verified");
    return statuses;
  } finally {
    await router.kill();
  }
}

it("takes the cluster's tokens by a file or a URL with its keys, and no others", async () => {
  const tokens = [
    await issuer.sign({ sub }),
    await issuer.sign({ sub: "system:serviceaccount:other:checkout" }),
    await issuer.sign({ sub, aud: "others" }),
    await issuer.sign({ sub, iss: "https://kubernetes.default.svc" }),
  ];
  expect(await ask(jwks, tokens)).toEqual([200, 401, 401, 401]);
  expect(await ask(`${issuer.url}/keys`, tokens)).toEqual([200, 401, 401, 401]);
});

it("says so where the keys cannot be read, and lets nobody in", async () => {
  expect(await ask(join(folder, "nowhere.json"), [await issuer.sign({ sub })])).toEqual([503]);
});

it("wants issuer and keys together", async () => {
  const words = ["router", "--config", folder, "--port", "0", "--admin-port", "0"];
  const ended = await new SwitchyardProcess(words, { SWITCHYARD_CLUSTER_JWKS: jwks }).ended();
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(
    "SWITCHYARD_CLUSTER_ISSUER and SWITCHYARD_CLUSTER_JWKS belong together",
  );
});
