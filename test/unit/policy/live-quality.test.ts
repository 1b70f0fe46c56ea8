import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/lib/index.ts";
import { LiveQualitySums, type LiveQuality } from "../../../src/policy/index.ts";
import type { EvidenceRow } from "../../../src/records/index.ts";

let nextId = 0;

function row(changes: Partial<EvidenceRow> = {}): EvidenceRow {
  nextId += 1;
  return {
    requestId: `r${nextId}`,
    promptId: `r${nextId}`,
    route: "chat",
    tenant: "shop",
    ts: 0,
    arm: null,
    options: [
      { backend: "small", p: 0.6, expectedCostUsd: 1, inEnvelope: true },
      { backend: "great", p: 0.9, expectedCostUsd: 10, inEnvelope: true },
    ],
    chosen: "small",
    costUsd: 1,
    baselineCostUsd: 10,
    tokens: null,
    firstTokenMs: 1,
    latencyMs: 1,
    failed: false,
    classifierDigest: null,
    isFamiliar: true,
    planDigest: null,
    labels: [],
    ...changes,
  };
}

const label = (backend: string, score: number) =>
  ({ backend, score, source: "shadow" }) satisfies EvidenceRow["labels"][number];

function judge(rows: readonly EvidenceRow[]): LiveQuality {
  const sums = new LiveQualitySums((route) => (route === "chat" ? "great" : undefined));
  for (const each of rows) sums.add(each);
  return sums.report();
}

describe("the quality of live traffic", () => {
  it("charges shadows and judges to what was saved", () => {
    const { total } = judge([
      row(),
      row({ labels: [label("small", 1)] }),
      row({ arm: "shadow", chosen: "great", costUsd: 2, baselineCostUsd: null }),
      // It has said nothing of use, and no label tells of it.
      row({ arm: "judge", chosen: "great", costUsd: 1, baselineCostUsd: null }),
    ]);
    expect(total).toMatchObject({ requests: 2, costUsd: 2, measuringUsd: 3, saved: 0.75 });
  });

  it("counts no replay of a golden set as traffic, and hears its labels", () => {
    const { total, reliability } = judge([
      row(),
      row({ arm: "golden", labels: [label("small", 1)], costUsd: 0 }),
    ]);
    expect(total).toMatchObject({ requests: 1, labels: 1, correct: null, saved: 0.9 });
    expect(reliability).toEqual([{ answers: 1, said: 0.6, came: 1 }]);
  });

  it("tells routes and tenants apart, and who has none", () => {
    const found = judge([row(), row({ route: "other", tenant: null }), row({ tenant: "a" })]);
    expect(found.routes.map(({ name, requests }) => [name, requests])).toEqual([
      ["chat", 2],
      ["other", 1],
    ]);
    expect(found.tenants.map(({ name }) => name)).toEqual(["-", "a", "shop"]);
  });

  it("says what was kept only by pairs of labels, and by no few of them", () => {
    const pair = () => row({ labels: [label("small", 1), label("great", 1)] });
    const alone = () => row({ labels: [label("small", 0)] });
    expect(judge([...Array.from({ length: 9 }, pair), alone()]).total.kept).toBeNull();
    const { kept, correct } = judge([...Array.from({ length: 10 }, pair), alone()]).total;
    expect(kept).toMatchObject({ estimate: 1, pairs: 10 });
    expect(kept!.lower).toBeLessThan(0.9);
    expect(correct).toBeCloseTo(10 / 11, 10);
  });

  it("holds the true share in its interval, in nineteen worlds of twenty", () => {
    const random = seededRandom(7);
    const worlds = 200;
    let held = 0;
    for (let world = 0; world < worlds; world += 1) {
      const rows = Array.from({ length: 300 }, () => {
        const great = random() < 0.8 ? 1 : 0;
        const small = random() < (great === 1 ? 0.9 : 0.2) ? 1 : 0;
        return row({ labels: [label("small", small), label("great", great)] });
      });
      const { lower, upper } = judge(rows).total.kept!;
      if (lower <= 0.95 && upper >= 0.95) held += 1;
    }
    expect(held / worlds).toBeGreaterThan(0.9);
  });

  it("finds chances that are too high", () => {
    const rows = Array.from({ length: 100 }, (_, place) =>
      row({ labels: [label("small", place < 40 ? 1 : 0)] }),
    );
    expect(judge(rows).total.calibrationError).toBeCloseTo(0.2, 10);
  });
});
