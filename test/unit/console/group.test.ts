import { describe, expect, it } from "vitest";
import type { AskGroup, GroupSample } from "../../../src/console/index.ts";
import { groupQueries } from "../../../src/console/group/group-queries.ts";
import { err, ok } from "../../../src/lib/index.ts";
import { consoleServer } from "../../support/console-server.ts";

const sample = (value: number, labels: Record<string, string>): GroupSample => ({
  labels: Object.fromEntries(
    Object.entries(labels).map(([name, text]) => [`switchyard_${name}`, text]),
  ),
  value,
});

/** Which query it is, by the metric in it. */
const answers: readonly [RegExp, readonly GroupSample[]][] = [
  [
    /table_info/,
    [
      sample(2, { table_digest: "sha256:0123456789abcdef" }),
      sample(1, { table_digest: "sha256:old" }),
      sample(NaN, { table_digest: "sha256:none" }),
      sample(Infinity, { table_digest: "sha256:many" }),
    ],
  ],
  [
    /requests_total/,
    [
      sample(9, { route: "chat", outcome: "answered" }),
      sample(1, { route: "chat", outcome: "failed" }),
      sample(5, { route: "of another group", outcome: "answered" }),
    ],
  ],
  [/fallbacks_total/, [sample(2, { route: "chat" })]],
  [
    /backend_state/,
    [sample(2, { backend: "a", state: "closed" }), sample(1, { backend: "a", state: "open" })],
  ],
  [/0\.5, .*duration/, [sample(0.8, { route: "chat", backend: "a" })]],
  [/0\.95, .*duration/, [sample(2.5, { route: "chat", backend: "a" })]],
  [/0\.(5|95), .*first_chunk/, [sample(NaN, { route: "chat", backend: "a" })]],
  [/increase/, [sample(3, { tenant: "other" })]],
];

const asked: string[] = [];
const store: AskGroup = async (query) => {
  asked.push(query);
  return ok(answers.find(([pattern]) => pattern.test(query))?.[1] ?? []);
};

describe("the whole group", () => {
  it("is what the store says of this group's routes and backends", async () => {
    const { ask } = consoleServer({ store: { ask: store, match: {} } });
    const look = JSON.parse((await ask("/console/group.json")).text) as object;
    expect(look).toMatchObject({
      kind: "view",
      view: {
        tables: [{ routers: 2 }, { routers: 1 }],
        routes: [{ route: "chat", perSecond: 10, failedShare: 0.1, fallbackShare: 0.2 }],
        latency: [
          { route: "chat", backend: "a", firstToken: null, total: { p50Ms: 800, p95Ms: 2_500 } },
        ],
        backends: [{ backend: "a", ready: 2, triedAgain: 0, ejected: 1 }],
        spend: [{ tenant: "other", costUsd: 3, baselineUsd: 3, savedShare: 1 }],
        missing: [],
      },
    });
    const page = await ask("/console?scope=group");
    expect(page.text).toContain("3 routers");
    expect(page.text).toContain("2 of them serve this router");
    expect(page.text).toContain("800 ms / 2.5 s");
  });

  it("is asked for by fixed questions, once for all who look within seconds", async () => {
    asked.length = 0;
    const { ask, clock } = consoleServer({ store: { ask: store, match: { namespace: 'sh"op' } } });
    await Promise.all([
      ask("/console?scope=group&route=PLANTED&id=PLANTED"),
      ask("/console/group.json?query=PLANTED"),
    ]);
    const questions = Object.values(groupQueries({ namespace: 'sh"op' }));
    expect(asked.toSorted()).toEqual(questions.toSorted());
    expect(asked.every((query) => query.includes(String.raw`namespace="sh\"op"`))).toBe(true);
    clock.pass(6_000);
    await ask("/console/group.json");
    expect(asked.length).toBe(2 * questions.length);
  });

  it("is not asked for where a page is about this pod alone", async () => {
    asked.length = 0;
    await consoleServer({ store: { ask: store, match: {} } }).ask("/console");
    expect(asked).toEqual([]);
  });

  it("says so where the store does not answer, and shows nothing in its place", async () => {
    const silent: AskGroup = async () => err("prometheus:9090 cannot be reached");
    const throwing: AskGroup = async () => {
      throw new Error("prometheus:9090 cannot be reached");
    };
    for (const each of [silent, throwing]) {
      const { ask } = consoleServer({ store: { ask: each, match: {} } });
      const { status, text } = await ask("/console?scope=group");
      expect(status).toBe(200);
      expect(text).toContain("prometheus:9090 cannot be reached");
      expect(text).not.toContain("Over all routers");
    }
  });

  it("shows what was answered where some was not, and says what is missing", async () => {
    const partly: AskGroup = async (query, signal) =>
      query.includes("increase") ? err("too many samples") : store(query, signal);
    const { ask } = consoleServer({ store: { ask: partly, match: {} } });
    const { text } = await ask("/console?scope=group");
    expect(text).toContain("too many samples");
    expect(text).toContain("Over all routers");
  });
});
