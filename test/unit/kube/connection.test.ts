import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  applyObject,
  connect,
  deleteObject,
  fromKubeconfig,
  getObject,
  inCluster,
  resourceTypes,
  type Connection,
  type Endpoint,
  type KubeCall,
} from "../../../src/kube/index.ts";
import { JsonLines } from "../../../src/kube/json-lines.ts";
import { silence, status } from "../../support/kube/faults.ts";
import { HostileApi } from "../../support/kube/hostile-api.ts";

const type = resourceTypes.ConfigMap;
const path = "/api/v1/namespaces/shop/configmaps/a";
const place = { resource: "/api/v1/configmaps", namespace: "shop", name: "a" };
const where = { namespace: "shop", name: "a" };
const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: where };

let api: HostileApi;
let folder: string;
const opened: Connection[] = [];

beforeEach(async () => {
  api = await HostileApi.start();
  folder = await mkdtemp(join(tmpdir(), "switchyard-kube-"));
});

afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.close();
  await api.close();
  await rm(folder, { recursive: true });
});

function open(changes: Partial<Endpoint> = {}, onCall?: (call: KubeCall) => void): Connection {
  const patience = { headersMs: 200, answerMs: 200, silenceMs: 200 };
  const connection = connect({ ...api.endpoint, ...changes }, onCall, patience);
  opened.push(connection);
  return connection;
}

describe("calls", () => {
  it("carry method, query, credentials and body, and are told of", async () => {
    const calls: KubeCall[] = [];
    const connection = open({}, (call) => calls.push(call));
    await applyObject(
      { ...configMap, data: { a: "b" } },
      { connection, type, fieldManager: "switchyard" },
    );
    expect(api.calls[0]).toMatchObject({ method: "PATCH", path });
    expect(Object.fromEntries(api.calls[0]?.query ?? [])).toEqual({
      fieldManager: "switchyard",
      force: "true",
    });
    expect(calls.map(({ method, path: at }) => [method, at])).toEqual([["PATCH", path]]);
    expect(await getObject(connection, type, where)).toMatchObject({ data: { a: "b" } });
  });

  it("keep the path of an address that has one", async () => {
    const server = `${api.endpoint.server}/apis/proxy/v1/`;
    await expect(open({ server }).json({ method: "GET", path: "/api/v1/a" })).rejects.toThrow();
    expect(api.calls[0]?.path).toBe("/apis/proxy/v1/api/v1/a");
  });

  it.each([
    ["nobody listens", async () => api.close(), "ECONNREFUSED"],
    ["nobody answers", async () => api.order(silence), /time/i],
  ])("fail with Unreachable where %s", async (_, act, words) => {
    await act();
    const call = open().json({ method: "GET", path });
    await expect(call).rejects.toMatchObject({ code: "Unreachable", status: 0 });
    await expect(call).rejects.toThrow(words);
    if (words === "ECONNREFUSED") await api.listen();
  });

  it("fail with Unreachable where an answer begins and never ends", async () => {
    api.order(({ response }) => void response.write('{"items":['));
    await expect(open().json({ method: "GET", path })).rejects.toMatchObject({
      code: "Unreachable",
    });
  });

  it("fail with Malformed where the answer is no JSON", async () => {
    api.order(({ response }) => void response.end("<html>"));
    await expect(open().json({ method: "GET", path })).rejects.toMatchObject({ code: "Malformed" });
  });

  it("take no redirect, which would carry credentials elsewhere", async () => {
    api.order(({ response }) => void response.writeHead(307, { location: path }).end());
    await expect(open().json({ method: "GET", path })).rejects.toMatchObject({ status: 307 });
    expect(api.calls).toHaveLength(1);
  });

  it("share a connection with those that follow", async () => {
    api.state.put(place, configMap);
    const connection = open();
    const ports = new Set<number | undefined>();
    for (let index = 0; index < 10; index += 1) {
      api.order(({ response }) => {
        ports.add(response.socket?.remotePort);
        response.end("{}");
      });
      await connection.json({ method: "GET", path });
    }
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe("deleting", () => {
  const remove = (uid: string) => deleteObject(open(), type, { ...where, uid });

  it("deletes the object with that uid, and is content where it is gone", async () => {
    const { metadata } = api.state.put(place, configMap);
    await remove(metadata.uid ?? "");
    expect(api.state.get(place)).toBeUndefined();
    await remove(metadata.uid ?? "");
  });

  it("leaves another object of that name alone", async () => {
    api.state.put(place, configMap);
    await remove("another");
    expect(api.state.get(place)).toBeDefined();
  });

  it("fails where it may not", async () => {
    api.order(status(403));
    await expect(remove("u")).rejects.toMatchObject({ code: "Forbidden" });
  });
});

describe("lines", () => {
  const lines = (pieces: readonly Uint8Array[]): unknown[] => {
    const splitter = new JsonLines();
    return pieces.flatMap((piece) => [...splitter.push(piece)]);
  };

  it("are the same wherever the bytes are cut", () => {
    const values = [{ a: "Zürich 東京 🚆" }, 1, "two\nlines", { b: [] }];
    const bytes = Buffer.from(values.map((value) => JSON.stringify(value)).join("\n\n") + "\n");
    for (let size = 1; size <= bytes.length; size += 1) {
      const pieces = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      expect(lines(pieces)).toEqual(values);
    }
  });

  it("wait for their end", () => {
    expect(lines([Buffer.from('{"a":1}')])).toEqual([]);
  });

  it.each([
    ["no JSON", Buffer.from("{]\n")],
    ["without an end", Buffer.alloc(9 * 1024 * 1024, "x")],
  ])("are refused that are %s", (_, bytes) => {
    expect(() => lines([bytes])).toThrow(expect.objectContaining({ code: "Malformed" }));
  });

  it("keep those that came before one that is refused", () => {
    const seen: unknown[] = [];
    expect(() => {
      for (const value of new JsonLines().push(Buffer.from("1\n2\n{\n3\n"))) seen.push(value);
    }).toThrow();
    expect(seen).toEqual([1, 2]);
  });
});

describe("a pod's own endpoint", () => {
  beforeEach(async () => {
    await writeFile(join(folder, "ca.crt"), "CA");
    await writeFile(join(folder, "token"), "first\n");
  });

  it("reads the token again after a minute", async () => {
    let elapsed = 0;
    const clock = { now: () => 0, elapsed: () => elapsed };
    const endpoint = await inCluster({ host: "10.96.0.1", port: "443", clock, folder });
    expect(endpoint.server).toBe("https://10.96.0.1:443");
    expect(endpoint.tls.ca?.toString()).toBe("CA");
    expect(await endpoint.authorize()).toEqual({ authorization: "Bearer first" });
    await writeFile(join(folder, "token"), "second\n");
    elapsed = 59_000;
    expect(await endpoint.authorize()).toEqual({ authorization: "Bearer first" });
    elapsed = 61_000;
    expect(await endpoint.authorize()).toEqual({ authorization: "Bearer second" });
  });

  it("puts an IPv6 address in brackets", async () => {
    const clock = { now: () => 0, elapsed: () => 0 };
    const endpoint = await inCluster({ host: "fd00::1", port: "443", clock, folder });
    expect(endpoint.server).toBe("https://[fd00::1]:443");
  });
});

describe("a kubeconfig's endpoint", () => {
  const write = async (cluster: object, user: object, context = "here"): Promise<string> => {
    const file = join(folder, "config");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:6443", ...cluster } }],
      users: [{ name: "u", user }],
      contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
      "current-context": context,
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  };
  const base64 = (words: string) => Buffer.from(words).toString("base64");

  it("has its server, certificates and the name that the server's certificate bears", async () => {
    const file = await write(
      { "certificate-authority-data": base64("CA"), "tls-server-name": "kubernetes" },
      { "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") },
    );
    const { server, tls } = await fromKubeconfig(file);
    expect(server).toBe("https://127.0.0.1:6443");
    expect(
      Object.fromEntries(Object.entries(tls).map(([key, value]) => [key, String(value)])),
    ).toEqual({
      ca: "CA",
      cert: "CERT",
      key: "KEY",
      servername: "kubernetes",
    });
  });

  it("has its token, and leave to skip verification where that is given", async () => {
    const file = await write({ "insecure-skip-tls-verify": true }, { token: "secret" });
    const { tls, authorize } = await fromKubeconfig(file);
    expect(tls).toEqual({ rejectUnauthorized: false });
    expect(await authorize()).toMatchObject({ Authorization: "Bearer secret" });
  });

  it("is refused where no context is current", async () => {
    await expect(fromKubeconfig(await write({}, {}, "elsewhere"))).rejects.toThrow(
      "no current context",
    );
  });
});
