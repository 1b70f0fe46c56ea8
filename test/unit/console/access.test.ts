import { describe, expect, it } from "vitest";
import { Sessions } from "../../../src/console/session.ts";
import { consoleServer } from "../../support/console-server.ts";
import { now } from "../../support/console-facts.ts";

const token = "a-token-of-some-length";
const afar = { from: "10.0.0.7", host: "router.example:8081" };
const pages = ["/console", "/console/?scope=group", "/console/drift.html"];
const data = ["/console/data.json", "/console/requests.json", "/console/group.json"];
const form = { "content-type": "application/x-www-form-urlencoded" };

const login = (shown: string, headers: Record<string, string> = {}) =>
  ({
    ...afar,
    method: "POST",
    headers: { ...form, ...headers },
    payload: new URLSearchParams({ token: shown }).toString(),
  }) as const;

describe("who may see the console", () => {
  it("is whoever comes from loopback by its name", async () => {
    const { ask } = consoleServer({ token });
    for (const url of ["/console", "/console/", ...data]) expect((await ask(url)).status).toBe(200);
  });

  it("is told that there is no report of drift where there is none", async () => {
    const { ask } = consoleServer({ token });
    const { status, text, headers } = await ask("/console/drift.html");
    expect(status).toBe(404);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(text).toContain("it has not run yet");
  });

  it.each([...pages, ...data])("is nobody from afar without a token to show (%s)", async (url) => {
    const { ask } = consoleServer({ driftPage: "secret" });
    const { status, text } = await ask(url, afar);
    expect(status).toBe(403);
    expect(text).not.toMatch(/router-7d9f|secret/);
  });

  it.each([...pages, ...data])("is nobody from afar who shows none (%s)", async (url) => {
    const { ask } = consoleServer({ token, driftPage: "secret" });
    const { status, text } = await ask(url, afar);
    expect([401, 403]).toContain(status);
    expect(text).not.toMatch(/router-7d9f|secret/);
  });

  it("is no page of another site that reaches loopback under a name of its own", async () => {
    const { ask } = consoleServer({ token });
    const { status, text } = await ask("/console", { host: "evil.example:8081" });
    expect(status).toBe(401);
    expect(text).not.toContain("router-7d9f");
  });

  it("is a program that sends the token as a bearer, and none that sends another", async () => {
    const { ask } = consoleServer({ token });
    const bearer = (shown: string) => ({ ...afar, headers: { authorization: `Bearer ${shown}` } });
    expect((await ask("/console/data.json", bearer(token))).status).toBe(200);
    expect((await ask("/console/data.json", bearer(`${token}x`))).status).toBe(403);
  });

  it("is a browser whose person has shown the token, until the session ends", async () => {
    const { ask, clock } = consoleServer({ token });
    const entered = await ask("/console/login", login(token));
    expect(entered).toMatchObject({ status: 303, headers: { location: "/console" } });
    const [cookie = "", ...attributes] = String(entered.headers["set-cookie"]).split("; ");
    expect(attributes).toEqual(["Path=/console", "Max-Age=43200", "HttpOnly", "SameSite=Strict"]);
    expect(String(entered.headers["set-cookie"])).not.toContain(token);
    const headers = { cookie: `other=1; ${cookie}` };
    expect((await ask("/console", { ...afar, headers })).status).toBe(200);
    clock.pass(13 * 3_600_000);
    expect((await ask("/console", { ...afar, headers })).status).toBe(401);
  });

  it("sends the cookie by TLS alone where a proxy says that the browser came by it", async () => {
    const { ask } = consoleServer({ token });
    const { headers } = await ask("/console/login", login(token, { "x-forwarded-proto": "https" }));
    expect(String(headers["set-cookie"])).toMatch(/; Secure$/);
  });

  it.each<[string, ReturnType<typeof login>]>([
    ["another token", login("another-token-of-length")],
    ["no token", login("")],
    ["the token, sent by another site's page", login(token, { "sec-fetch-site": "cross-site" })],
  ])("is nobody with %s", async (_, asked) => {
    const { ask } = consoleServer({ token });
    const { status, headers, text } = await ask("/console/login", asked);
    expect(status).toBe(401);
    expect(headers["set-cookie"]).toBeUndefined();
    expect(text).not.toContain(token);
  });

  it("is nobody any more who has ended the session", async () => {
    const { ask } = consoleServer({ token });
    const left = await ask("/console/logout", {
      ...afar,
      method: "POST",
      headers: form,
      payload: "",
    });
    expect(String(left.headers["set-cookie"])).toMatch(/^switchyard-console=; .*Max-Age=0/);
  });
});

describe("a session", () => {
  const cookieOf = (sessions: Sessions) => sessions.begin(now, false).split(";", 1)[0] ?? "";

  it("is taken by every router with the same token, and by none with another", () => {
    const cookie = cookieOf(new Sessions(token));
    expect(new Sessions(token).isOpen(cookie, now)).toBe(true);
    expect(new Sessions("another-token").isOpen(cookie, now)).toBe(false);
  });

  it("cannot be prolonged or made up", () => {
    const sessions = new Sessions(token);
    const cookie = cookieOf(sessions);
    const [end = "", signature = ""] = cookie.replace("switchyard-console=", "").split(".");
    const tries = [
      `${Number(end) + 1}.${signature}`,
      `${end}.`,
      `${end}`,
      `${end}.${signature.slice(0, -2)}`,
      `${end}.${"A".repeat(signature.length)}`,
      `Infinity.${signature}`,
      `.${signature}`,
      "",
    ];
    for (const each of tries)
      expect(sessions.isOpen(`switchyard-console=${each}`, now)).toBe(false);
    expect(sessions.isOpen(undefined, now)).toBe(false);
    expect(sessions.isOpen(cookie, Number(end) - 1)).toBe(true);
    expect(sessions.isOpen(cookie, Number(end))).toBe(false);
  });
});

describe("what the console sends", () => {
  it.each(["/console", "/console/style.css", "/console/refresh.js", "/console/icon.svg"])(
    "lets a page load nothing from elsewhere and be framed by nobody (%s)",
    async (url) => {
      const { headers, status } = await consoleServer().ask(url);
      expect(status).toBe(200);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toMatch(/^default-src 'none'; /);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["referrer-policy"]).toBe("no-referrer");
    },
  );

  it("shows the drift job's own page without letting anything in it run", async () => {
    const { ask } = consoleServer({ driftPage: "<!doctype html><p>Report" });
    const { headers, text } = await ask("/console/drift.html");
    expect(text).toContain("Report");
    expect(String(headers["content-security-policy"])).toMatch(/^sandbox; default-src 'none'/);
  });

  it("sends browsers from the root to itself, and programs nowhere", async () => {
    const { ask } = consoleServer();
    const browser = await ask("/", { headers: { accept: "text/html,*/*" } });
    expect(browser).toMatchObject({ status: 302, headers: { location: "/console" } });
    expect((await ask("/", { headers: { accept: "*/*" } })).status).toBe(404);
  });

  it.each(["POST", "GET"] as const)("changes nothing by %s", async (method) => {
    const { ask } = consoleServer();
    const { status } = await ask("/console/data.json", { method });
    expect(status).toBe(method === "GET" ? 200 : 404);
  });
});
