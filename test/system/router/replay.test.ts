import type OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import { openAiClient } from "../../support/openai-client.ts";
import { errorIn, onlyRecordOf, send, type Sending } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const token = "a-token-of-the-admins";
const key = "sy_a-key-of-the-team";
const hello = { messages: [{ role: "user", content: "What is 2 + 3?" }] };

let local: Local;

beforeAll(async () => {
  local = await startLocal({
    settings: { adminToken: token },
    resources: [
      backendOf("micro"),
      backendOf("lite"),
      backendOf("sonnet", { outlier: { consecutiveFailures: 1, ejectFor: "60s" } }),
      backendOf("titan"),
      routeOf("assistant", ["micro", "sonnet", "lite"], { models: ["helper", "assistant"] }),
      routeOf("vectors", ["titan"], { type: "Embeddings" }),
      routeOf("guarded", ["micro"], {
        access: "Tenants",
        safety: [
          { name: "words", type: "WordList", wordList: { words: ["dragon"] }, stage: "Input" },
        ],
      }),
      tenantOf("team", key, { budgets: [{ window: "Day", timeZone: "UTC", usd: "0.000001" }] }),
    ],
  });
});

afterAll(async () => local.stop());
afterEach(() => local.heal());

const replay = (query: string, sending: Sending = {}) =>
  send(
    { url: local.adminUrl },
    { path: `/replay/chat/completions${query}`, body: hello, ...sending },
  );

const metrics = async () => (await fetch(new URL("/metrics", local.adminUrl))).text();

describe("a replay", () => {
  it.each(["micro", "sonnet", "lite"])(
    "is answered by the candidate %s that it names, and says what it cost",
    async (candidate) => {
      const got = await replay(`?route=assistant&candidate=${candidate}`);
      expect(got.status).toBe(200);
      expect(got.headers).toMatchObject({
        "x-switchyard-backend": candidate,
        "x-switchyard-reason": "replayed",
      });
      const body = JSON.parse(got.text) as OpenAI.ChatCompletion;
      expect(body).toMatchObject({ model: "helper", choices: [{ finish_reason: "stop" }] });
      expect(got.requestId).toBe(body.id.replace("chatcmpl-", "req_"));
      const record = await onlyRecordOf(local, got.requestId);
      expect(record).toMatchObject({
        arm: "golden",
        route: "assistant",
        tenant: null,
        status: 200,
        choice_reason: "replayed",
        limits: null,
        attempts: [{ backend: candidate, kind: "first" }],
      });
      expect(record.estimates.map(({ backend }) => backend)).toEqual(["micro", "sonnet", "lite"]);
      expect(record.cost_usd).toBeGreaterThan(0);
      expect(Number(got.headers["x-switchyard-cost-usd"])).toBe(record.cost_usd);
    },
  );

  it("can be asked for by OpenAI's client", async () => {
    const client = openAiClient(local, token).withOptions({
      baseURL: new URL("/replay", local.adminUrl).href,
      defaultQuery: { route: "assistant", candidate: "lite" },
    });
    const answer = await client.chat.completions.create({
      model: "any",
      messages: [{ role: "user", content: "Repeat: exactly this" }],
    });
    expect(answer.choices[0]?.message.content).toBe("exactly this");
  });

  it("without a candidate goes where the route sends it", async () => {
    const got = await replay("?route=assistant");
    expect(got.headers["x-switchyard-backend"]).toBe("micro");
    expect(await onlyRecordOf(local, got.requestId)).toMatchObject({
      arm: "golden",
      choice_reason: "ordered",
    });
  });

  it("falls back to nobody, and ejects no backend for those who are served", async () => {
    local.simulator.faults.set({ model: models.sonnet, kind: "service-unavailable" });
    const got = await replay("?route=assistant&candidate=sonnet");
    expect(got.status).toBe(503);
    const { attempts } = await onlyRecordOf(local, got.requestId);
    expect(new Set(attempts.map(({ backend }) => backend))).toEqual(new Set(["sonnet"]));
    const table = (await (await fetch(new URL("/table", local.adminUrl))).json()) as {
      live: { backend: string; state: string }[];
    };
    expect(table.live.find(({ backend }) => backend === "sonnet")?.state).toBe("closed");
  });

  it("passes the route's filters, and is nobody's budget's", async () => {
    const blocked = await replay("?route=guarded&candidate=micro", {
      body: { messages: [{ role: "user", content: "Draw a dragon" }] },
    });
    expect([blocked.status, errorIn(blocked).code]).toEqual([400, "content_filter"]);
    // The tenant's budget would not let it pass.
    expect((await replay("?route=guarded&candidate=micro")).status).toBe(200);
  });

  it("is counted apart from all traffic", async () => {
    await replay("?route=assistant&candidate=lite");
    const text = await metrics();
    expect(text).toMatch(
      /switchyard_golden_requests_total\{[^}]*outcome="answered"[^}]*backend="lite"[^}]*\} [1-9]/,
    );
    expect(text).toMatch(/switchyard_golden_cost_usd[^{]*\{[^}]*backend="lite"[^}]*\} 0\.\d+/);
    expect(text).not.toMatch(/^switchyard_(requests|attempts|cost_usd|saved_usd)[_a-z]*\{/m);
  });
});

describe("a replay that cannot be made", () => {
  it.each([
    ["no route", "", {}, "route", "assistant, guarded, vectors"],
    ["an unknown route", "?route=nothing", {}, "route", "must be one of"],
    ["an inherited name", "?route=constructor", {}, "route", "must be one of"],
    ["two routes", "?route=assistant&route=guarded", {}, "route", "must be one of"],
    ["an unknown candidate", "?route=assistant&candidate=titan", {}, "candidate", "micro, sonnet"],
    ["a stream", "?route=assistant", { ...hello, stream: true }, "stream", "comes whole"],
    ["no messages", "?route=assistant", { messages: [] }, "messages", "at least 1"],
  ])("for %s names it", async (_what, query, body, param, message) => {
    const got = await replay(query, { body: Object.keys(body).length === 0 ? hello : body });
    expect(got.status).toBe(400);
    expect(errorIn(got)).toMatchObject({ param, message: expect.stringContaining(message) });
    expect(await onlyRecordOf(local, got.requestId)).toMatchObject({ arm: "golden", status: 400 });
  });

  it.each([
    ["not JSON", "{", 400, "invalid_json"],
    ["a list", "[]", 400, "invalid_request_error"],
    ["too long", `"${"x".repeat(21 * 1024 * 1024)}"`, 413, "body_too_large"],
  ])("since its body is %s says so", async (_what, body, status, code) => {
    const got = await replay("?route=assistant", { body });
    expect([got.status, errorIn(got).code]).toEqual([status, code]);
  });

  it("since no candidate can take it says which hard limit keeps it out", async () => {
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
    const got = await replay("?route=assistant&candidate=micro", {
      body: { messages: [{ role: "user", content: [image] }] },
    });
    expect(got.status).toBe(400);
    expect(errorIn(got)).toMatchObject({ code: "no_candidate" });
    expect(errorIn(got).message).toContain("micro");
    const embedding = await replay("?route=vectors&candidate=titan");
    expect(errorIn(embedding)).toMatchObject({ code: "route_type_mismatch" });
  });

  it.each([
    ["another name of loopback, as a page in a browser has it", { host: "evil.example" }, 403],
    ["a wrong token", { authorization: "Bearer a-token-of-nobody" }, 403],
    ["the token", { host: "evil.example", authorization: `Bearer ${token}` }, 200],
  ])("by %s: %s → %d", async (_who, headers, status) => {
    const got = await replay("?route=assistant&candidate=micro", { headers });
    expect(got.status).toBe(status);
    if (status === 403) expect(errorIn(got).code).toBe("admin_only");
  });

  it("since there are too many at once is told to come again, until some have ended", async () => {
    local.simulator.faults.set({ model: models.micro, kind: "slow-first-token", delayMs: 60_000 });
    const leaving = new AbortController();
    const place = new URL(
      "/replay/chat/completions?route=assistant&candidate=micro",
      local.adminUrl,
    );
    const waiting = Array.from({ length: 32 }, () =>
      fetch(place, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(hello),
        signal: leaving.signal,
      }).catch(() => undefined),
    );
    // Refused for its route where there is room.
    const more = async () => (await replay("?route=nothing")).status;
    await expect.poll(more, { timeout: 20_000 }).toBe(429);
    const refused = await replay("?route=nothing");
    expect(errorIn(refused).code).toBe("overloaded");
    expect(refused.headers["retry-after"]).toBe("1");
    leaving.abort();
    await Promise.all(waiting);
    await expect.poll(more, { timeout: 20_000 }).toBe(400);
  });

  it("is not on the port of applications", async () => {
    const got = await send(local, {
      path: "/replay/chat/completions?route=assistant",
      body: hello,
    });
    expect([got.status, errorIn(got).code]).toEqual([404, "not_found"]);
  });
});
