import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Frame } from "../../../src/openai/index.ts";
import { startRouter, type RunningRouter } from "../../../src/router/index.ts";
import {
  makeAuthority,
  type Authority,
  type KeyPairFiles,
} from "../../support/kube/certificates.ts";
import { makeParts, settings, usage, type FakeParts } from "../../support/router-parts.ts";
import { yamlOf } from "../../support/start-local.ts";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";
import { backendEntry, byName, routeEntry } from "../../unit/routing/sample-entries.ts";

let folder: string;
let authority: Authority;
let first: KeyPairFiles;
let second: KeyPairFiles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-tls-"));
  authority = await makeAuthority(folder);
  const names = ["IP:127.0.0.1"];
  first = await authority.issue("first", { commonName: "first", names });
  second = await authority.issue("second", { commonName: "second", names });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

let secret: string;

beforeEach(async () => {
  secret = await mkdtemp(join(folder, "secret-"));
  await write("tls.crt", first.certificate);
  await write("tls.key", first.key);
});

const write = async (name: string, from: string) =>
  writeFile(join(secret, name), await readFile(from));

interface Answer {
  status: number;
  /** Who the server said it was. */
  holder: string;
  text: string;
}

/** One request; `onData` is told of its answer as it comes. */
function ask(url: string, body?: object, onData: (text: string) => void = () => undefined) {
  const agent = new Agent({ maxCachedSessions: 0 });
  return new Promise<Answer>((resolve, reject) => {
    const options = { agent, ca: authority.pem, method: body === undefined ? "GET" : "POST" };
    const headers = { "content-type": "application/json", connection: "close" };
    const outgoing = request(url, { ...options, headers }, (incoming) => {
      const holder = String((incoming.socket as TLSSocket).getPeerCertificate().subject.CN);
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (part: string) => onData((text += part)));
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, holder, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe("a router with a certificate", () => {
  let router: RunningRouter;
  let parts: FakeParts;
  let goOn: () => void;

  beforeEach(async () => {
    const backend = backendEntry("nova");
    const going = Promise.withResolvers<void>();
    goOn = going.resolve;
    async function* slow(): AsyncGenerator<Frame> {
      yield { type: "text", text: "before" };
      await going.promise;
      yield { type: "text", text: "after" };
      yield { type: "finish", reason: "stop" };
      yield { type: "usage", usage };
    }
    const tls = {
      certFile: join(secret, "tls.crt"),
      keyFile: join(secret, "tls.key"),
      rereadMs: 20,
    };
    parts = makeParts(
      {
        schemaVersion: 1,
        group: { namespace: "shop", routerClass: "default" },
        backends: byName([backend]),
        routes: { chat: routeEntry([backend], { models: ["chat"], access: "Anonymous" }) },
        tenants: {},
        plans: {},
      },
      { nova: { stream: () => slow() } },
      { settings: { ...settings, tls } },
    );
    router = await startRouter(parts);
  });

  afterEach(() => router.stop());

  const models = () => ask(`${router.url}/v1/models`);
  const holder = async () => (await models()).holder;

  it("speaks TLS on the API, and plain HTTP on the admin port", async () => {
    expect(router.url).toMatch(/^https:/);
    expect(router.adminUrl).toMatch(/^http:/);
    expect(await models()).toMatchObject({ status: 200, holder: "first" });
    expect((await fetch(`${router.adminUrl}/readyz`)).status).toBe(200);
    await expect(fetch(`${router.url.replace("https", "http")}/v1/models`)).rejects.toThrow();
  });

  it("adopts a renewed certificate without cutting a stream", async () => {
    const begun = Promise.withResolvers<void>();
    const messages = [{ role: "user", content: "Hi" }];
    const stream = ask(
      `${router.url}/v1/chat/completions`,
      { model: "chat", stream: true, messages },
      (text) => text.includes("before") && begun.resolve(),
    );
    await begun.promise;
    await write("tls.key", second.key);
    await write("tls.crt", second.certificate);
    await expect.poll(holder, { timeout: 10_000 }).toBe("second");
    goOn();
    const answer = await stream;
    expect(answer).toMatchObject({ status: 200, holder: "first" });
    expect(answer.text).toContain("after");
    expect(answer.text).toMatch(/data: \[DONE\]\n\n$/);
  });

  it.each<[string, () => Promise<void>]>([
    ["the certificate alone", () => write("tls.crt", second.certificate)],
    ["the key alone", () => write("tls.key", second.key)],
    ["a certificate that is cut", () => writeFile(join(secret, "tls.crt"), "-----BEGIN CERT")],
    ["an empty key", () => writeFile(join(secret, "tls.key"), "")],
    ["no certificate", () => rm(join(secret, "tls.crt"))],
  ])("survives half a renewal (%s), says so once, and adopts the whole", async (_, half) => {
    await half();
    await expect.poll(() => parts.faults.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await holder()).toBe("first");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(parts.faults).toHaveLength(1);
    await write("tls.key", second.key);
    await write("tls.crt", second.certificate);
    await expect.poll(holder, { timeout: 10_000 }).toBe("second");
  });
});

describe("a certificate that cannot be used at the start", () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ["is missing", () => rm(join(secret, "tls.crt")), /tls\.crt cannot be read: .*ENOENT/],
    ["has no key", () => rm(join(secret, "tls.key")), /tls\.key cannot be read: .*ENOENT/],
    [
      "has another's key",
      () => write("tls.key", second.key),
      /tls\.crt and .*tls\.key are no pair/,
    ],
    [
      "is no certificate",
      () => writeFile(join(secret, "tls.crt"), "none"),
      /tls\.crt and .*tls\.key are no pair/,
    ],
  ])("%s: one sentence, and exit code 2", async (_, spoil, sentence) => {
    await spoil();
    const config = await mkdtemp(join(folder, "config-"));
    await writeFile(
      join(config, "all.yaml"),
      yamlOf([backendOf("micro"), routeOf("one", ["micro"])]),
    );
    const words = ["router", "--config", config, "--port", "0", "--admin-port", "0"];
    const ended = await new SwitchyardProcess(words, { SWITCHYARD_TLS_DIR: secret }).ended();
    expect(ended.code).toBe(2);
    const said = ended.stderr.split("\n").filter((line) => line.startsWith("switchyard: "));
    expect(said).toEqual([expect.stringMatching(sentence)]);
    expect(ended.stderr).not.toMatch(/^ {4}at /m);
  });
});
