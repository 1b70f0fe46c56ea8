import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labelRecordSchema } from "../../../src/records/index.ts";
import { backendOf, routeOf, tenantOf } from "../../support/local-resources.ts";
import { apiErrorOf, openAiClient } from "../../support/openai-client.ts";
import { errorIn, send } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const key = "sy_a-key-of-the-team";
const otherKey = "sy_a-key-of-others";
const someId = `req_${"0".repeat(32)}`;

let local: Local;
let closed: Local;

beforeAll(async () => {
  const tenants = [tenantOf("team", key), tenantOf("others", otherKey)];
  local = await startLocal({
    resources: [backendOf("micro"), routeOf("open", ["micro"]), ...tenants],
  });
  closed = await startLocal({
    resources: [
      backendOf("micro"),
      routeOf("closed", ["micro"], { access: "Tenants" }),
      ...tenants,
    ],
  });
});

afterAll(async () => {
  await local.stop();
  await closed.stop();
});

const give = (body: unknown, apiKey?: string, to = local) =>
  send(to, { path: "/v1/feedback", body, ...(apiKey === undefined ? {} : { key: apiKey }) });

const labelsOf = (requestId: string) =>
  local.records.labels.filter(({ request_id: id }) => id === requestId);

describe("feedback", () => {
  it("by OpenAI's client, on the id of its answer, becomes a label of the caller's tenant", async () => {
    const client = openAiClient(local, key);
    const answer = await client.chat.completions.create({
      model: "open",
      messages: [{ role: "user", content: "What is 2 + 3?" }],
    });
    const told = await client.post("/feedback", {
      body: { request_id: answer.id, correct: true, comment: "Right, says mira@example.com" },
    });
    const requestId = answer.id.replace("chatcmpl-", "req_");
    expect(told).toEqual({
      object: "feedback",
      id: `feedback/${requestId}/team/team-key`,
      request_id: requestId,
      score: 1,
      comment: "not_kept",
    });
    const [label, ...more] = labelsOf(requestId);
    expect(more).toEqual([]);
    expect(labelRecordSchema.parse(label)).toMatchObject({
      source: "feedback",
      check: "client",
      score: 1,
      tenant: "team",
      class: "default",
      prompt_id: requestId,
      route: null,
      backend: null,
    });
    expect(await local.records.of(requestId)).toMatchObject({ tenant: "team" });
    const kept = JSON.stringify([local.records.labels, local.records.all, local.log]);
    expect(kept).not.toContain("mira");
  });

  it.each([
    [{ correct: true }, 1],
    [{ correct: false }, 0],
    [{ score: 0.25 }, 0.25],
    [{ correct: true, score: 0.75 }, 0.75],
    [{ correct: null, score: 1 }, 1],
  ])("of %j scores %d", async (verdict, score) => {
    const got = await give({ request_id: someId, ...verdict }, key);
    expect(got.status).toBe(202);
    expect(JSON.parse(got.text)).toMatchObject({ request_id: someId, score });
    expect(labelsOf(someId).at(-1)?.score).toBe(score);
  });

  it("given twice has one id for each caller, so that the last of a caller's counts", async () => {
    const id = `req_${"1".repeat(32)}`;
    await give({ request_id: id, correct: true }, key);
    await give({ request_id: id, correct: false }, key);
    await give({ request_id: id, correct: true }, otherKey);
    await give({ request_id: id, correct: true });
    const ids = labelsOf(id).map(({ label_id: each }) => each);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
    expect(labelsOf(id).map(({ tenant }) => tenant)).toEqual(["team", "team", "others", null]);
  });

  it("tells nobody which requests there were", async () => {
    const known = await send(local, {
      body: { model: "open", messages: [{ role: "user", content: "Hello" }] },
      key: otherKey,
    });
    const shape = async (id: string) => {
      const { status, text } = await give({ request_id: id, correct: true }, key);
      return `${status} ${text.replaceAll(id, "ID")}`;
    };
    expect(await shape(known.requestId)).toBe(await shape(someId));
  });

  it("counts in the metrics by what it says", async () => {
    await give({ request_id: someId, score: 0.5 }, key);
    const text = await (await fetch(new URL("/metrics", local.adminUrl))).text();
    expect(text).toMatch(
      /switchyard_labels_total\{[^}]*source="feedback"[^}]*verdict="partly"[^}]*\} [1-9]/,
    );
  });
});

describe("feedback that cannot be taken", () => {
  it.each([
    ["no id", { correct: true }, "request_id"],
    ["an id of another form", { request_id: "req_1", correct: true }, "request_id"],
    ["an id with a tail", { request_id: `${someId}/../x`, correct: true }, "request_id"],
    ["a number for an id", { request_id: 7, correct: true }, "request_id"],
    ["no verdict", { request_id: someId }, "correct"],
    ["a verdict that is no word", { request_id: someId, correct: "yes" }, "correct"],
    ["a score above 1", { request_id: someId, score: 1.5 }, "score"],
    ["a score below 0", { request_id: someId, score: -0.1 }, "score"],
    ["a score that is no number", { request_id: someId, score: "1" }, "score"],
    ["verdicts that contradict", { request_id: someId, correct: true, score: 0.2 }, "score"],
    ["a field of another name", { request_id: someId, rating: 5 }, "rating"],
    ["a long comment", { request_id: someId, score: 1, comment: "x".repeat(4_001) }, "comment"],
  ])("for %s names the field", async (_what, body, param) => {
    const before = local.records.labels.length;
    const got = await give(body, key);
    expect(got.status).toBe(400);
    expect(errorIn(got)).toMatchObject({ code: "invalid_request_error", param });
    expect(local.records.labels).toHaveLength(before);
  });

  it.each([
    ["not JSON", "{", 400, "invalid_json"],
    ["empty", undefined, 400, "invalid_json"],
    ["a list", "[]", 400, "invalid_request_error"],
    ["null", "null", 400, "invalid_request_error"],
    ["far too long", `"${"x".repeat(40_000)}"`, 413, "body_too_large"],
  ])("since its body is %s says so", async (_what, body, status, code) => {
    const got = await give(body, key);
    expect(got.status).toBe(status);
    expect(errorIn(got)).toMatchObject({ code });
  });

  it("since it is no JSON by its type says so, and other methods are told of POST", async () => {
    const typed = await send(local, {
      path: "/v1/feedback",
      body: "{}",
      key,
      headers: { "content-type": "text/plain" },
    });
    expect([typed.status, errorIn(typed).code]).toEqual([415, "unsupported_media_type"]);
    const read = await send(local, { path: "/v1/feedback", method: "GET", key });
    expect([read.status, read.headers["allow"]]).toEqual([405, "POST"]);
  });

  it("wants a key where no route is open to all", async () => {
    const got = await give({ request_id: someId, correct: true }, undefined, closed);
    expect([got.status, errorIn(got).code]).toEqual([401, "missing_api_key"]);
    const error = await apiErrorOf(
      openAiClient(closed, "sy_nobody").post("/feedback", {
        body: { request_id: someId, correct: true },
      }),
    );
    expect(error).toMatchObject({ status: 401, code: "invalid_api_key" });
    expect(closed.records.labels).toEqual([]);
    expect((await give({ request_id: someId, correct: true }, key, closed)).status).toBe(202);
  });

  it("since there is a flood of it is told when to come back, and others are not kept out", async () => {
    const answers: number[] = [];
    const flood = async () => {
      while (!answers.includes(429) && answers.length < 20_000)
        answers.push((await give({ request_id: someId, correct: true }, otherKey, closed)).status);
    };
    await Promise.all(Array.from({ length: 6 }, flood));
    expect(answers.length).toBeGreaterThan(600);
    expect(new Set(answers)).toEqual(new Set([202, 429]));
    const refusals = Array.from({ length: 6 }, () =>
      give({ request_id: someId, correct: true }, otherKey, closed),
    );
    for (const refused of await Promise.all(refusals)) {
      if (refused.status !== 429) continue;
      expect(errorIn(refused)).toMatchObject({ code: "rate_limit_exceeded" });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    }
    expect((await give({ request_id: someId, correct: true }, key, closed)).status).toBe(202);
  });
});
