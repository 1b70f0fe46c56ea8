import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clickhouseSettings } from "../../../src/cli/clickhouse-settings.ts";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { groupStore } from "../../../src/cli/group-store.ts";
import {
  openPrometheus,
  prometheusStore,
  queryPrometheus,
} from "../../../src/cli/prometheus-settings.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { verifySignature } from "../../../src/simulators/signature.ts";
import { makeAuthority } from "../../support/kube/certificates.ts";

let folder: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-metric-stores-"));
});

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

const vector = JSON.stringify({
  status: "success",
  data: {
    resultType: "vector",
    result: [{ metric: { switchyard_route: "chat" }, value: [1, "42.5"] }],
  },
});

interface Received {
  request: IncomingMessage;
  body: string;
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Answers each query with one series, and remembers how it was asked. */
function recording(received: Received[]): RequestListener {
  return (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      received.push({ request, body: Buffer.concat(parts).toString() });
      response.end(vector);
    });
  };
}

const store = (variables: Record<string, string>) => prometheusStore(readEnvironment(variables));

async function ask(variables: Record<string, string>, times = 1): Promise<unknown[]> {
  const named = store(variables);
  if (named === null) throw new Error("No store is named");
  const client = await openPrometheus(named);
  const answers: unknown[] = [];
  for (let time = 0; time < times; time += 1)
    answers.push(await queryPrometheus(client, "up", new AbortController().signal));
  await client.close();
  return answers;
}

const good = { ok: true, value: [expect.objectContaining({ value: 42.5 })] };

describe("a Prometheus-compatible store", () => {
  it("is none unless its address is given", () => {
    expect(store({})).toBeNull();
    expect(
      store({ SWITCHYARD_PROMETHEUS_URL: "", SWITCHYARD_PROMETHEUS_TOKEN_FILE: "" }),
    ).toBeNull();
    expect(groupStore(readEnvironment({}))).toBeUndefined();
  });

  it("is asked behind its whole path, with nothing but the query", async () => {
    const received: Received[] = [];
    const port = await listen(createServer(recording(received)));
    const url = `http://127.0.0.1:${port}/workspaces/ws-1/`;
    const variables = { SWITCHYARD_PROMETHEUS_URL: url, SWITCHYARD_PROMETHEUS_ORG_ID: "team|b" };
    expect(await ask(variables)).toEqual([good]);
    const [{ request, body }] = received as [Received];
    expect(request.method).toBe("POST");
    expect(request.url).toBe("/workspaces/ws-1/api/v1/query");
    expect(request.headers).toMatchObject({ "x-scope-orgid": "team|b" });
    expect(request.headers.authorization).toBeUndefined();
    expect(new URLSearchParams(body).get("query")).toBe("up");
  });

  it("gets the token that is in its file at the time", async () => {
    const received: Received[] = [];
    const port = await listen(createServer(recording(received)));
    const file = join(folder, "token");
    await writeFile(file, "first\n");
    const named = store({
      SWITCHYARD_PROMETHEUS_URL: `http://127.0.0.1:${port}`,
      SWITCHYARD_PROMETHEUS_TOKEN_FILE: file,
    });
    const client = named && (await openPrometheus(named));
    const query = async () => client && queryPrometheus(client, "up", new AbortController().signal);
    expect(await query()).toEqual(good);
    await writeFile(file, "second\n");
    expect(await query()).toEqual(good);
    await writeFile(file, "two words");
    expect(await query()).toMatchObject({ ok: false, error: expect.stringContaining("no token") });
    await rm(file);
    expect(await query()).toMatchObject({
      ok: false,
      error: expect.stringContaining("SWITCHYARD_PROMETHEUS_TOKEN_FILE cannot be read"),
    });
    expect(received.map(({ request }) => request.headers.authorization)).toEqual([
      "Bearer first",
      "Bearer second",
    ]);
    await client?.close();
  });

  it("gets a user and password", async () => {
    const received: Received[] = [];
    const port = await listen(createServer(recording(received)));
    await ask({
      SWITCHYARD_PROMETHEUS_URL: `http://127.0.0.1:${port}`,
      SWITCHYARD_PROMETHEUS_USERNAME: "drift",
      SWITCHYARD_PROMETHEUS_PASSWORD: "p:ä",
    });
    const [, pair = ""] = received[0]?.request.headers.authorization?.split(" ") ?? [];
    expect(Buffer.from(pair, "base64").toString()).toBe("drift:p:ä");
  });

  it("of Amazon gets calls that its region's service finds signed by the pod's credentials", async () => {
    const received: Received[] = [];
    const port = await listen(createServer(recording(received)));
    const credentials = {
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG",
      sessionToken: "token",
    };
    const environment = readEnvironment({
      SWITCHYARD_PROMETHEUS_URL: `http://127.0.0.1:${port}/workspaces/ws-1`,
      SWITCHYARD_PROMETHEUS_SIGV4_REGION: "eu-central-1",
    });
    const named = prometheusStore(environment, {}, async () => credentials);
    const client = named && (await openPrometheus(named));
    const answer =
      client && (await queryPrometheus(client, `sum({a="ü & +"})`, new AbortController().signal));
    await client?.close();
    expect(answer).toEqual(good);
    const [{ request, body }] = received as [Received];
    expect(request.headers.authorization).toContain("/eu-central-1/aps/aws4_request");
    const signed = {
      method: "POST",
      path: request.url ?? "",
      query: "",
      headers: request.headers,
      body: Buffer.from(body),
    };
    const rules = { service: "aps", credentials: [credentials], now: Date.now() };
    expect(verifySignature(signed, rules)).toBe(credentials);
    expect(() => verifySignature({ ...signed, body: Buffer.from("query=1") }, rules)).toThrow(
      "does not match",
    );
  });

  it("is trusted over TLS by the authority in a file alone", async () => {
    const authority = await makeAuthority(folder);
    const files = await authority.issue("store", {
      commonName: "store",
      names: ["IP:127.0.0.1"],
    });
    const pair = { cert: await readFile(files.certificate), key: await readFile(files.key) };
    const port = await listen(createTlsServer(pair, recording([])));
    const url = `https://127.0.0.1:${port}`;
    const ca = { SWITCHYARD_PROMETHEUS_CA_FILE: authority.certificate };
    expect(await ask({ SWITCHYARD_PROMETHEUS_URL: url, ...ca })).toEqual([good]);
    const [untrusted] = await ask({ SWITCHYARD_PROMETHEUS_URL: url });
    expect(untrusted).toMatchObject({ ok: false, error: expect.stringMatching(/certificate/) });
  });

  it("is asked again where that may help, and follows nobody elsewhere", async () => {
    let calls = 0;
    const port = await listen(
      createServer((request, response) => {
        request.resume();
        calls += 1;
        if (calls === 1) response.writeHead(429).end("slow down");
        else if (calls === 2) response.end(vector);
        else response.writeHead(302, { location: "http://169.254.169.254/" }).end();
      }),
    );
    const [first, second] = await ask({ SWITCHYARD_PROMETHEUS_URL: `http://127.0.0.1:${port}` }, 2);
    expect(first).toEqual(good);
    expect(second).toMatchObject({ ok: false, error: expect.stringContaining("answered 302") });
    expect(calls).toBe(3);
  });

  it("has an answer read by a router's console no further than the router has memory for", async () => {
    const series = { metric: { switchyard_route: "chat" }, value: [1, "42.5"] };
    const result = Array.from({ length: 40_000 }, () => series);
    const answer = JSON.stringify({ status: "success", data: { resultType: "vector", result } });
    const port = await listen(createServer((_request, response) => response.end(answer)));
    const variables = { SWITCHYARD_PROMETHEUS_URL: `http://127.0.0.1:${port}` };
    const [whole] = await ask(variables);
    expect(whole).toMatchObject({ ok: true });
    const console = groupStore(readEnvironment(variables));
    expect(await console?.ask("up", AbortSignal.timeout(10_000))).toMatchObject({
      ok: false,
      error: expect.stringContaining("more than 2097152 bytes"),
    });
  });

  it("matches by the labels that are named, else by the usual ones", () => {
    const usual = { namespace: "shop" };
    const matched = (match?: string) =>
      prometheusStore(
        readEnvironment({
          SWITCHYARD_PROMETHEUS_URL: "http://prometheus:9090",
          ...(match === undefined ? {} : { SWITCHYARD_PROMETHEUS_MATCH: match }),
        }),
        usual,
      )?.match;
    expect(matched()).toEqual(usual);
    expect(matched("none")).toEqual({});
    expect(matched("k8s_namespace=shop, job=a=b")).toEqual({ k8s_namespace: "shop", job: "a=b" });
  });

  const url = { SWITCHYARD_PROMETHEUS_URL: "http://prometheus:9090" };
  it.each([
    [{ SWITCHYARD_PROMETHEUS_URL: "prometheus:9090" }, /SWITCHYARD_PROMETHEUS_URL: write a URL/],
    [{ SWITCHYARD_PROMETHEUS_URL: "prometheus" }, /SWITCHYARD_PROMETHEUS_URL: write a URL/],
    [{ SWITCHYARD_PROMETHEUS_URL: "http://" }, /SWITCHYARD_PROMETHEUS_URL: write a URL/],
    [{ SWITCHYARD_PROMETHEUS_URL: "http://a:b@prometheus" }, /without credentials/],
    [{ SWITCHYARD_PROMETHEUS_URL: "http://prometheus?x=1" }, /without \? and #/],
    [
      { SWITCHYARD_PROMETHEUS_TOKEN_FILE: "/token" },
      /TOKEN_FILE: say with SWITCHYARD_PROMETHEUS_URL/,
    ],
    [{ ...url, SWITCHYARD_PROMETHEUS_USERNAME: "a" }, /_PASSWORD, or neither/],
    [{ ...url, SWITCHYARD_PROMETHEUS_SIGV4_REGION: "Frankfurt" }, /write a region/],
    [
      {
        ...url,
        SWITCHYARD_PROMETHEUS_SIGV4_REGION: "eu-central-1",
        SWITCHYARD_PROMETHEUS_TOKEN_FILE: "/token",
      },
      /bears one of them/,
    ],
    [{ ...url, SWITCHYARD_PROMETHEUS_MATCH: "namespace" }, /PROMETHEUS_MATCH: write labels/],
    [{ ...url, SWITCHYARD_PROMETHEUS_MATCH: `a"}=b` }, /PROMETHEUS_MATCH: write labels/],
    [{ ...url, SWITCHYARD_PROMETHEUS_CA_FILE: "/not/there" }, /PROMETHEUS_CA_FILE: /],
    [{ ...url, SWITCHYARD_PROMETHEUS_ORG_ID: "a\nb" }, /PROMETHEUS_ORG_ID: write visible ASCII/],
  ])("is refused with the variable at fault: %j", (variables, message) => {
    expect(() => store(variables)).toThrow(UsageError);
    expect(() => store(variables)).toThrow(message);
  });
});

describe("a ClickHouse", () => {
  const read = (variables: Record<string, string>) =>
    clickhouseSettings(readEnvironment(variables));

  it("is what the variables say", async () => {
    expect(read({})).toBeNull();
    const file = join(folder, "ca.crt");
    await writeFile(file, "PEM");
    const variables = {
      SWITCHYARD_CLICKHOUSE_URL: "https://clickhouse:8443",
      SWITCHYARD_CLICKHOUSE_USERNAME: "drift",
      SWITCHYARD_CLICKHOUSE_PASSWORD: "secret",
      SWITCHYARD_CLICKHOUSE_DATABASE: "logs",
      SWITCHYARD_CLICKHOUSE_TABLE: "lines",
      SWITCHYARD_CLICKHOUSE_CA_FILE: file,
    };
    expect(read(variables)).toEqual({
      url: "https://clickhouse:8443",
      username: "drift",
      password: "secret",
      database: "logs",
      table: "lines",
      ca: Buffer.from("PEM"),
    });
  });

  it.each([
    [{ SWITCHYARD_CLICKHOUSE_URL: "clickhouse:8123" }, /SWITCHYARD_CLICKHOUSE_URL: write a URL/],
    [
      { SWITCHYARD_CLICKHOUSE_TABLE: "lines" },
      /CLICKHOUSE_TABLE: say with SWITCHYARD_CLICKHOUSE_URL/,
    ],
  ])("is refused with the variable at fault: %j", (variables, message) => {
    expect(() => read(variables)).toThrow(message);
  });
});
