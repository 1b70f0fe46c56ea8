// Shadows behind real requests over HTTP, with scripted backends that keep what they are asked.
import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../../src/openai/index.ts";
import { ProviderError } from "../../../../src/providers/index.ts";
import { reply } from "../../../support/router-parts.ts";
import { watchful } from "../../routing/sample-entries.ts";
import { filterEntry } from "../safety/filtered-router.ts";
import { saying, says, shadowedRouter, type Spoken } from "./shadowed-router.ts";

const grades = (first: number, second: number): Spoken =>
  says(JSON.stringify({ reason: "So it is.", first_grade: first, second_grade: second }));

function textOf({ messages }: ChatRequest, index: number): string {
  const content = messages[index]?.content;
  if (typeof content !== "string") throw new TypeError("The message is no plain text");
  return content;
}

/** What a speaker was asked, as one text. */
const heard = ({ asked }: Spoken): string => JSON.stringify(asked.map(({ request }) => request));

describe.each([false, true])("a request that is drawn for a shadow (stream: %s)", (stream) => {
  it("is answered by the baseline as well, in a record of its own, and both answers are labelled", async () => {
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base: says("Paris"), judge: grades(0, 0) },
      { comparison: { type: "Agreement" } },
    );
    const got = await ask("Which city?", { stream });
    expect(got.text).toContain(stream ? "Lyon".slice(0, 4) : "Lyon");
    expect(got.text).not.toContain("Paris");
    await expect.poll(() => parts.records.labels).toHaveLength(2);
    const [served, shadow] = parts.records.all;
    expect(served).toMatchObject({ request_id: got.requestId, arm: null, prompt_id: null });
    expect(served?.attempts.map(({ backend }) => backend)).toEqual(["cheap"]);
    expect(shadow).toMatchObject({
      arm: "shadow",
      prompt_id: got.requestId,
      route: "chat",
      streaming: false,
      status: 200,
      level: "info",
      baseline_cost_usd: null,
      bytes_out: 0,
    });
    expect(shadow?.request_id).not.toBe(got.requestId);
    expect(shadow?.ledger).toMatchObject([{ kind: "shadow", backend: "base", basis: "metered" }]);
    expect(shadow?.cost_usd).toBeGreaterThan(0);
    expect(parts.records.labels).toMatchObject([
      { backend: "cheap", score: 0, check: "agreement", judge: null, cost_usd: 0 },
      { backend: "base", score: 1, check: "agreement", judge: null, cost_usd: 0 },
    ]);
    for (const label of parts.records.labels) {
      expect(label).toMatchObject({
        request_id: got.requestId,
        prompt_id: got.requestId,
        source: "shadow",
        route: "chat",
      });
    }
    expect(parts.shadowEnds).toEqual(["answered"]);
    expect(parts.comparisons).toEqual(["labelled"]);
    expect(parts.shadows.heldBytes).toBe(0);
  });

  it("never waits for it", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const base = saying(async () => {
      await promise;
      return reply({ text: "Paris" });
    });
    const { ask, parts } = await shadowedRouter({ cheap: says("Lyon"), base, judge: says("") });
    const got = await ask("Which city?", { stream });
    expect(got.status).toBe(200);
    await expect.poll(() => base.asked).toHaveLength(1);
    // Its own record is written, and the shadow is still at work.
    expect(parts.records.all.map(({ arm }) => arm)).toEqual([null]);
    expect(parts.shadows.count).toBe(1);
    resolve();
    await expect.poll(() => parts.shadows.count).toBe(0);
    expect(parts.records.all.map(({ arm }) => arm)).toEqual([null, "shadow"]);
  });
});

describe("a shadow that fails", () => {
  it("says so in its own record alone: no breaker, no latency and no client hears of it", async () => {
    const failing = saying(() => {
      throw new ProviderError("unavailable", "It is broken");
    });
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base: failing, judge: says("") },
      { backends: { base: { outlier: { ...watchful, consecutiveFailures: 2 } } } },
    );
    const base = parts.tables.current!.table.backends["base"]!;
    const before = {
      health: parts.health.describe("base"),
      p95: parts.book.firstTokenMs(base, 0.95),
    };
    for (let index = 0; index < 5; index += 1) {
      const got = await ask("Which city?");
      expect(got.status).toBe(200);
      expect(got.headers["x-switchyard-attempts"]).toBe("1");
    }
    await expect.poll(() => parts.shadowEnds).toEqual(Array.from({ length: 5 }, () => "failed"));
    expect(parts.health.describe("base")).toEqual(before.health);
    expect(parts.book.failureShare("base")).toBe(0);
    expect(parts.book.firstTokenMs(base, 0.95)).toBe(before.p95);
    expect(parts.records.labels).toEqual([]);
    const shadows = parts.records.all.filter(({ arm }) => arm === "shadow");
    expect(shadows).toHaveLength(5);
    for (const record of shadows) {
      expect(record).toMatchObject({ level: "warn", error_type: "unavailable", cost_usd: 0 });
    }
  });
});

describe("no shadow follows", () => {
  it("a request that was not answered", async () => {
    const broken = saying(() => {
      throw new ProviderError("invalid_request", "No");
    });
    const base = says("Paris");
    const { ask, parts } = await shadowedRouter({ cheap: broken, base, judge: says("") });
    expect((await ask("Which city?")).status).toBe(400);
    await expect.poll(() => parts.shadowEnds).toEqual(["unanswered"]);
    expect(base.asked).toEqual([]);
    expect(parts.shadows.heldBytes).toBe(0);
  });

  it("a request of a tenant whose data the baseline may not see", async () => {
    const base = says("Paris");
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base, judge: says("") },
      {
        tenant: { residencyRegions: ["us-east-1"] },
        backends: { base: { processingRegions: ["eu-west-1"] } },
      },
    );
    expect((await ask("Which city?")).status).toBe(200);
    await expect.poll(() => parts.shadowEnds).toEqual(["no_candidate"]);
    expect(base.asked).toEqual([]);
  });

  it("a request where the baseline is ejected", async () => {
    const base = says("Paris");
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base, judge: says("") },
      { backends: { base: { outlier: watchful } } },
    );
    const entry = parts.tables.current!.table.backends["base"]!;
    for (let index = 0; index < watchful.consecutiveFailures; index += 1) {
      parts.health.note(parts.health.begin(entry), { result: "failed" });
    }
    expect((await ask("Which city?")).status).toBe(200);
    await expect.poll(() => parts.shadowEnds).toEqual(["backend_away"]);
    expect(base.asked).toEqual([]);
  });
});

describe("a shadow in the way of a request", () => {
  it("gives up its place, and the request is served at once", async () => {
    let calls = 0;
    const base = saying(async ({ signal }) => {
      calls += 1;
      if (calls > 1) return reply({ text: "Paris" });
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      });
      throw new Error("It was to be aborted");
    });
    const down = saying(() => {
      throw new ProviderError("unavailable", "It is broken");
    });
    let cheapFails = false;
    const cheap = saying((call) => {
      if (cheapFails) return down.script.chat!(call);
      return reply({ text: "Lyon" });
    });
    const { ask, parts } = await shadowedRouter(
      { cheap, base, judge: says("") },
      { backends: { base: { concurrency: { max: 1, maxQueued: 0 } } } },
    );
    await ask("Which city?");
    await expect.poll(() => calls).toBe(1);
    cheapFails = true;
    const got = await ask("And now?");
    expect(got.status).toBe(200);
    expect(got.headers["x-switchyard-backend"]).toBe("base");
    await expect.poll(() => parts.shadowEnds).toContain("gave_way");
    const given = parts.records.all.find(({ arm, status }) => arm === "shadow" && status === 499);
    expect(given).toMatchObject({ error_type: "superseded", level: "warn" });
  });
});

describe("what a shadow and its judge are shown", () => {
  const people = filterEntry(
    { type: "Pii" },
    { action: "Redact", reversible: true, name: "people" },
  );
  const email = "jane.doe@example.com";

  it("is what the filters left of the request, and never what they put back for the client", async () => {
    const echo = () => saying(({ request }) => reply({ text: textOf(request, 0) }));
    const speakers = { cheap: echo(), base: echo(), judge: grades(10, 10) };
    const { ask, parts } = await shadowedRouter(speakers, {
      route: { safety: [people] },
      comparison: { type: "Judge", judge: "judge" },
    });
    const got = await ask(`Write to ${email}`);
    expect(got.text).toContain(email);
    await expect.poll(() => parts.comparisons).toEqual(["labelled"]);
    expect(speakers.base.asked).toHaveLength(1);
    expect(speakers.judge.asked).toHaveLength(2);
    for (const speaker of Object.values(speakers)) expect(heard(speaker)).not.toContain(email);
  });
});

describe("a judge", () => {
  it("grades the answers in either order, in records of its own, and the labels share its cost", async () => {
    const judge = saying(({ request }) => {
      const material = JSON.parse(textOf(request, 1)) as { first_answer: string };
      const grade = (isParis: boolean) => (isParis ? 10 : 4);
      const first = material.first_answer === "Paris";
      return reply({
        text: JSON.stringify({
          reason: "",
          first_grade: grade(first),
          second_grade: grade(!first),
        }),
      });
    });
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base: says("Paris"), judge },
      { comparison: { type: "Judge", judge: "judge" } },
    );
    const got = await ask("Which city?");
    await expect.poll(() => parts.records.labels).toHaveLength(2);
    expect(parts.records.labels).toMatchObject([
      { backend: "cheap", score: 0.4, check: "judge", judge: "judge" },
      { backend: "base", score: 1, check: "judge", judge: "judge" },
    ]);
    const judged = parts.records.all.filter(({ arm }) => arm === "judge");
    expect(judged).toHaveLength(2);
    for (const record of judged) {
      expect(record).toMatchObject({
        route: "chat",
        request_model: "judge-model",
        prompt_id: got.requestId,
      });
      expect(record.ledger).toMatchObject([{ kind: "judge", backend: "judge" }]);
    }
    const cost = judged.reduce((sum, record) => sum + record.cost_usd, 0);
    expect(cost).toBeGreaterThan(0);
    const told = parts.records.labels.reduce((sum, label) => sum + label.cost_usd, 0);
    expect(told).toBeCloseTo(cost, 12);
  });

  it("is not asked by a tenant whose data its backends may not see", async () => {
    const judge = grades(10, 10);
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base: says("Paris"), judge },
      {
        comparison: { type: "Judge", judge: "judge" },
        tenant: { dataClasses: ["pii"] },
        backends: { cheap: { dataClasses: ["pii"] }, base: { dataClasses: ["pii"] } },
      },
    );
    expect((await ask("Which city?")).status).toBe(200);
    await expect.poll(() => parts.comparisons).toEqual(["judge_denied"]);
    expect(judge.asked).toEqual([]);
    expect(parts.records.labels).toEqual([]);
  });

  it.each<[string, Spoken, string]>([
    ["says nothing that can be read", says("Both are fine."), "judge_unclear"],
    [
      "fails",
      saying(() => {
        throw new ProviderError("throttled", "Later");
      }),
      "judge_failed",
    ],
  ])("leaves no label where it %s", async (_what, judge, outcome) => {
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base: says("Paris"), judge },
      { comparison: { type: "Judge", judge: "judge" } },
    );
    await ask("Which city?");
    await expect.poll(() => parts.comparisons).toEqual([outcome]);
    expect(parts.records.labels).toEqual([]);
  });

  it("is gone where the table has no such route", async () => {
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base: says("Paris"), judge: says("") },
      { comparison: { type: "Judge", judge: "nobody" } },
    );
    await ask("Which city?");
    await expect.poll(() => parts.comparisons).toEqual(["judge_gone"]);
  });
});

describe("a tenant's limits", () => {
  it("hear nothing of a shadow and its judge", async () => {
    const { ask, parts } = await shadowedRouter(
      { cheap: says("Lyon"), base: says("Paris"), judge: grades(10, 10) },
      {
        comparison: { type: "Judge", judge: "judge" },
        tenant: {
          budgets: [
            { window: "Day", timeZone: "UTC", microUsd: 1_000_000_000, onExceeded: "Reject" },
          ],
        },
      },
    );
    // What is spent, and what the request that is just asked for has reserved.
    const used = () => parts.limits.reading().budgets[0]?.used ?? Number.NaN;
    await ask("Which city?", { max_tokens: 50 });
    const reserved = used();
    await expect.poll(() => parts.comparisons).toEqual(["labelled"]);
    await ask("Which city?", { max_tokens: 50 });
    const [served, ...measured] = parts.records.all.slice(0, 4);
    expect(used() - reserved).toBeCloseTo(served?.cost_usd ?? 0, 9);
    expect(measured.map(({ arm, limits }) => [arm, limits])).toEqual([
      ["shadow", null],
      ["judge", null],
      ["judge", null],
    ]);
  });
});
