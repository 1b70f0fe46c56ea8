import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubeError, type KubeObject } from "../../../src/kube/index.ts";
import {
  endingWatch,
  reset,
  silence,
  status,
  tooMany,
  watchSaying,
  type Fault,
} from "../../support/kube/faults.ts";
import { HostileApi, isList, isWatch } from "../../support/kube/hostile-api.ts";
import { route, routePlace, startMirror, until, untilEqual } from "../../support/kube/mirror.ts";

let api: HostileApi;

beforeEach(async () => {
  api = await HostileApi.start();
});

afterEach(() => api.close());

const put = (name: string, note = "") => api.state.put(routePlace(name), route(note));
const note = (object: KubeObject | undefined): unknown =>
  (object?.["spec"] as { note: string } | undefined)?.note;

describe.each([
  ["by WatchList", false],
  ["by pages, as an old server wants it", true],
])("listing %s", (_, isOld) => {
  beforeEach(() => {
    api.isOld = isOld;
    api.pageSize = 3;
  });

  it("takes what is there, and then each change once", async () => {
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) put(name, "old");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    expect(mirror.store.size).toBe(7);
    expect(mirror.store.get("shop/g")).toEqual(api.state.get(routePlace("g")));
    put("b", "new");
    api.state.delete(routePlace("c"));
    put("h");
    await untilEqual(mirror.store, api);
    const later = mirror.changes.slice(7).map(({ before, after }) => [note(before), note(after)]);
    expect(later).toEqual([
      ["old", "new"],
      ["old", undefined],
      [undefined, ""],
    ]);
    expect(mirror.troubles).toEqual([]);
  });

  it("drops what was deleted while it was cut off and the history was forgotten", async () => {
    put("stays");
    put("goes");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    await until(() => api.watches.size === 1);
    await api.close();
    api.state.delete(routePlace("goes"));
    api.state.compact();
    await api.listen();
    await until(() => mirror.store.size === 1);
    expect(mirror.store.get("shop/stays")).toBeDefined();
    expect(mirror.changes.at(-1)).toMatchObject({ after: undefined });
  });

  it("tells an object that was made anew under its name by its uid", async () => {
    const first = put("again");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    await api.close();
    api.state.delete(routePlace("again"));
    const second = put("again");
    api.state.compact();
    await api.listen();
    await untilEqual(mirror.store, api);
    const { before, after } = mirror.changes.at(-1) ?? {};
    expect(after?.metadata.uid).toBe(second.metadata.uid);
    expect([first.metadata.uid, undefined]).toContain(before?.metadata.uid);
  });

  it("holds thousands of objects, one of them of a megabyte", async () => {
    api.pageSize = 500;
    for (let index = 0; index < 3_000; index += 1) put(`route-${index}`);
    put("large", "ü".repeat(1_000_000));
    await using mirror = startMirror(api, { timing: { listingMs: 10_000 } });
    await mirror.reflector.whenSynced;
    expect(mirror.store.size).toBe(3_001);
    expect(note(mirror.store.get("shop/large"))).toHaveLength(1_000_000);
  });

  const early: [string, Fault][] = [
    ["403 before RBAC has settled", status(403)],
    ["404 before the CRD is there", status(404)],
    ["429 with a long Retry-After", tooMany("30")],
    ["429 with none at all", tooMany("")],
    ["401", status(401)],
    ["500", status(500, { message: "etcdserver: leader changed" })],
    ["503 in HTML", ({ response }) => void response.writeHead(503).end("<html>busy</html>")],
    ["a redirect", ({ response }) => void response.writeHead(302, { location: "/login" }).end()],
    ["a reset", reset],
    ["silence", silence],
  ];

  it.each(early)("waits out %s", async (__, fault) => {
    put("a");
    // The old server's refusal comes first and is no trouble.
    api.order(fault, (call) => (isOld ? isList(call) : isWatch(call)));
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    await untilEqual(mirror.store, api);
    expect(api.left).toBe(0);
    expect(mirror.troubles).toEqual([expect.any(KubeError), undefined]);
  });

  const midWatch: [string, (only: HostileApi) => void][] = [
    ["a reset", (server) => server.watches.forEach((watch) => watch.reset())],
    ["a clean end", (server) => server.watches.forEach((watch) => watch.end())],
    ["an ERROR of 410", (server) => server.watches.forEach((watch) => watch.endWithGone())],
    ["garbage", (server) => server.watches.forEach((watch) => watch.say("<html>\n"))],
    [
      "an event without an object",
      (server) => server.watches.forEach((w) => w.say('{"type":"ADDED"}\n')),
    ],
    ["null", (server) => server.watches.forEach((watch) => watch.say("null\n"))],
    [
      "half a line and a clean end",
      (server) =>
        server.watches.forEach((watch) => {
          watch.say('{"type":"DELETED","object":{"metadata":{"na');
          watch.end();
        }),
    ],
    ["silence", (server) => server.watches.forEach((watch) => (watch.send = () => undefined))],
  ];

  it.each(midWatch)("goes on after %s in the middle of a watch", async (__, act) => {
    put("a", "old");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    await until(() => api.watches.size === 1);
    act(api);
    put("a", "new");
    put("b");
    await untilEqual(mirror.store, api);
    expect(mirror.changes.map(({ before, after }) => [note(before), note(after)])).toEqual([
      [undefined, "old"],
      ["old", "new"],
      [undefined, ""],
    ]);
  });

  it("lists anew where a version is forgotten and the answer is HTTP 410", async () => {
    api.goneAs = "status";
    put("a");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    await api.close();
    api.state.delete(routePlace("a"));
    put("b");
    api.state.compact();
    await api.listen();
    await untilEqual(mirror.store, api);
  });

  it("lists anew where the server's history ends before the version that was reached", async () => {
    put("a");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    await until(() => api.watches.size === 1);
    const details = { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large" }] };
    api.order(status(504, { reason: "Timeout", details }), isWatch);
    const before = api.calls.length;
    api.watches.forEach((watch) => watch.end());
    await until(() => api.watches.size === 1 && api.left === 0);
    const relisted = api.calls
      .slice(before)
      .some((call) => isList(call) || call.query.has("sendInitialEvents"));
    expect(relisted).toBe(true);
  });

  it("puts characters together that the network cut in two", async () => {
    api.chunkBytes = 3;
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    put("a", "Zürich 東京 🚆");
    await untilEqual(mirror.store, api);
    expect(note(mirror.store.get("shop/a"))).toBe("Zürich 東京 🚆");
  });
});

describe("paging", () => {
  beforeEach(() => {
    api.isOld = true;
    api.pageSize = 2;
    for (const name of ["a", "b", "c", "d", "e"]) put(name);
  });

  it("lists in one piece where the pages' version was forgotten between two of them", async () => {
    const isSecond = (call: Parameters<typeof isList>[0]) => call.query.has("continue");
    api.order((exchange) => {
      api.state.delete(routePlace("a"));
      status(410, { reason: "Expired" })(exchange);
    }, isSecond);
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    expect([...mirror.store.all()].map(({ metadata }) => metadata.name)).toEqual([
      "b",
      "c",
      "d",
      "e",
    ]);
    expect(api.calls.filter(isList).map(({ query }) => query.get("limit"))).toEqual([
      "500",
      "500",
      null,
    ]);
    expect(mirror.troubles).toEqual([]);
  });

  it("drops nothing after a listing that broke in the middle", async () => {
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    await until(() => api.watches.size === 1);
    api.order(reset, (call) => call.query.get("continue") !== null);
    api.watches.forEach((watch) => watch.endWithGone());
    await until(() => api.left === 0 && api.watches.size === 1);
    expect(mirror.changes).toHaveLength(5);
    expect(mirror.store.size).toBe(5);
  });

  it("takes null for an empty list, as Go writes it", async () => {
    const words = JSON.stringify({ metadata: { resourceVersion: "6" }, items: null });
    api.order(({ response }) => void response.end(words), isList);
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    expect(mirror.store.size).toBe(0);
  });

  it("refuses a listing without a version, from which no watch could go on", async () => {
    api.order(({ response }) => void response.end('{"items":[]}'), isList);
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    expect(mirror.store.size).toBe(5);
    expect(mirror.troubles[0]).toMatchObject({ code: "Malformed" });
  });
});

describe("the loop", () => {
  it("falls back to pages where the end of a streamed listing never comes", async () => {
    api.forgetsMarkers = true;
    put("a");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    expect(api.calls.some(isList)).toBe(true);
    expect(mirror.store.size).toBe(1);
  });

  it("goes on from a bookmark, not from the last object", async () => {
    put("a");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    api.watches.forEach((watch) => {
      watch.mark(4_711);
      watch.end();
    });
    await until(() => api.calls.length > 1);
    expect(api.calls[1]?.query.get("resourceVersion")).toBe("4711");
  });

  it("asks for a watch that ends by itself, and for bookmarks", async () => {
    await using mirror = startMirror(api, {
      labelSelector: "a=b",
      fieldSelector: "metadata.name=x",
    });
    await mirror.reflector.whenSynced;
    const query = Object.fromEntries(api.calls[0]?.query ?? []);
    expect(query).toMatchObject({
      allowWatchBookmarks: "true",
      labelSelector: "a=b",
      fieldSelector: "metadata.name=x",
    });
    expect(Number(query["timeoutSeconds"])).toBeGreaterThanOrEqual(240);
    expect(Number(query["timeoutSeconds"])).toBeLessThan(360);
  });

  const hammered: [string, Fault][] = [
    ["ends every watch at once", endingWatch()],
    [
      "ends every watch after an event",
      endingWatch('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n'),
    ],
    ["says Retry-After: 0", tooMany("0")],
    ["answers 410 to everything", status(410)],
    ["is in the middle of nowhere", reset],
  ];

  it.each(hammered)("does not hammer a server that %s", async (_, fault) => {
    for (let index = 0; index < 200; index += 1) api.order(fault);
    await using _mirror = startMirror(api, {
      random: () => 0,
      timing: { retry: { baseMs: 20, ceilingMs: 100_000 } },
    });
    await until(() => api.calls.length >= 6);
    const gaps = api.calls.slice(1).map(({ at }, index) => at - (api.calls[index]?.at ?? 0));
    [10, 20, 40, 80, 160].forEach((least, index) =>
      expect(gaps[index]).toBeGreaterThanOrEqual(least - 2),
    );
  });

  it("waits briefly again after a watch that went well", async () => {
    for (let index = 0; index < 7; index += 1) api.order(status(500));
    const retry = { baseMs: 20, ceilingMs: 100_000 };
    await using mirror = startMirror(api, { random: () => 0, timing: { retry, steadyMs: 100 } });
    await mirror.reflector.whenSynced;
    await pause(150);
    const before = api.calls.length;
    const startedAt = performance.now();
    api.watches.forEach((watch) => watch.end());
    await until(() => api.calls.length > before);
    // The eighth wait in a row would be one of 1,280 ms at least.
    expect((api.calls.at(-1)?.at ?? 0) - startedAt).toBeLessThan(1_280);
  });

  it("outlives a listener that throws, and tells the others and the owner", async () => {
    await using mirror = startMirror(api);
    const told: string[] = [];
    mirror.store.onChange(({ after }) => {
      if (after?.metadata.name === "bad") throw new TypeError("a fault of the program");
    });
    mirror.store.onChange(({ after }) => told.push(after?.metadata.name ?? ""));
    await mirror.reflector.whenSynced;
    put("bad");
    put("good");
    await until(() => told.length === 2);
    expect(told).toEqual(["bad", "good"]);
    expect(mirror.troubles[0]).toMatchObject({ errors: [expect.any(TypeError)] });
  });

  it("keeps what it held while the CRD is gone", async () => {
    put("a");
    await using mirror = startMirror(api);
    await mirror.reflector.whenSynced;
    for (let index = 0; index < 3; index += 1) api.order(status(404));
    api.watches.forEach((watch) => watch.end());
    await until(() => api.left === 0);
    expect(mirror.store.size).toBe(1);
    expect(mirror.reflector.isSynced).toBe(true);
  });

  it("asks for credentials again where they could not be had", async () => {
    put("a");
    let asked = 0;
    const { server, tls } = api.endpoint;
    const authorize = async () => {
      asked += 1;
      if (asked < 3) throw new Error("ENOENT: token");
      return {};
    };
    const { connect } = await import("../../../src/kube/index.ts");
    const connection = connect({ server, tls, authorize });
    await using mirror = startMirror(api, { connection });
    await mirror.reflector.whenSynced;
    expect(mirror.troubles[0]).toMatchObject({ code: "Unauthorized" });
    await mirror.reflector.stop();
    await connection.close();
  });

  it("keeps of each object only what was asked for", async () => {
    put("a", "long");
    const trim = ({ apiVersion, kind, metadata }: KubeObject) => ({ apiVersion, kind, metadata });
    await using mirror = startMirror(api, { trim });
    await mirror.reflector.whenSynced;
    expect(mirror.store.get("shop/a")).not.toHaveProperty("spec");
  });
});

describe("stopping", () => {
  it("rejects those who wait for a first listing that never came", async () => {
    api.order(silence);
    const mirror = startMirror(api);
    const waited = expect(mirror.reflector.whenSynced).rejects.toThrow("stopped");
    await mirror.reflector.stop();
    await waited;
    await mirror[Symbol.asyncDispose]();
  });

  it.each([
    ["in the middle of a watch", watchSaying("")],
    ["in the middle of a wait", tooMany("1")],
    ["in the middle of a call", silence],
  ])("ends %s", async (_, fault) => {
    api.order(fault);
    const mirror = startMirror(api);
    await until(() => api.calls.length === 1);
    await mirror[Symbol.asyncDispose]();
    const calls = api.calls.length;
    put("late");
    await pause(50);
    expect(api.calls.length).toBe(calls);
    expect(mirror.store.size).toBe(0);
  });
});
