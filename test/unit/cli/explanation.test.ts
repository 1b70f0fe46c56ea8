import { describe, expect, it } from "vitest";
import { explainRecord } from "../../../src/cli/explain-record.ts";
import { explanationText } from "../../../src/cli/explanation-text.ts";
import type { RequestRecord } from "../../../src/records/index.ts";
import { makeRecord } from "../../support/observations.ts";

const [seen] = makeRecord().estimates;

const planned = makeRecord({
  choice_reason: "planned",
  confidence_source: "plan",
  plan_digest: "d".repeat(64),
  plan: {
    tenant: true,
    lambda: 500,
    rollout: "next",
    certified: true,
    floor_percent: 95,
    lower_bound: 0.0123,
    expires_at: "2027-03-05T00:00:00.000Z",
    kept: { estimate: 0.97, lower: 0.95, upper: 0.99 },
    saved: null,
  },
  estimates: [
    { ...seen!, backend: "nova-lite", p_correct: 0.9, expected_cost_usd: 0.0001 },
    { ...seen!, backend: "opus", p_correct: null, expected_cost_usd: null, dropped: "residency" },
  ],
});

const textOf = (changes: Partial<RequestRecord> = {}): string =>
  explanationText(explainRecord({ ...planned, ...changes }));

describe("the explanation of a record", () => {
  it("says who was chosen by which plan, with the value that the plan compared", () => {
    const explanation = explainRecord(planned);
    expect(explanation).toMatchObject({
      chosen: "nova-lite",
      reason: "planned",
      plan: { whose: "tenant", rollout: "next", lambda: 500, certificate: { lowerBound: 0.0123 } },
    });
    const [lite, opus] = explanation.candidates;
    expect(lite).toMatchObject({ place: 1, dropped: null });
    expect(lite?.value).toBeCloseTo(0.9 - 500 * 0.0001, 12);
    expect(opus).toMatchObject({ place: null, value: null, dropped: { limit: "residency" } });
  });

  it("is a table for people", () => {
    const text = textOf();
    expect(text).toContain("support-chat for checkout: nova-lite (planned): the plan chose it");
    expect(text).toContain("plan         the tenant's own, dddddddddddd, next; λ 500.0 a dollar");
    expect(text).toContain("certificate  95 % kept, by 0.0123 at least; until 2027-03-05");
    expect(text).toContain("kept         97.0 % (95.0 % to 99.0 %) of the baseline's correctness");
    expect(text).toMatch(/1\. {2}nova-lite +0\.900 +\$0\.0001000/);
    expect(text).toMatch(/opus +- .*residency/);
  });

  it("names what the classifier had never seen, and the arm", () => {
    const text = textOf({ unfamiliar: ["tools", "images"], arm: "control", plan: null });
    expect(text).toContain("unfamiliar   tools, images");
    expect(text).toContain("arm          control");
    expect(text).not.toContain("certificate");
  });

  it("says of a request that came to no choice how it ended", () => {
    const ended = {
      choice_reason: null,
      error_type: "model_not_found",
      attempts: [],
      estimates: [],
    };
    expect(textOf(ended)).toContain(
      "nothing serves: it ended before a backend was chosen, with model_not_found",
    );
  });

  it("knows a reason of a later release by its name alone", () => {
    expect(explainRecord({ ...planned, choice_reason: "by_moonlight" })).toMatchObject({
      reason: null,
      because: "by_moonlight",
    });
  });

  it("moves no cursor, whatever stands in a record", () => {
    expect(textOf({ route: "a\u001B[2Jb" })).not.toContain("\u001B");
  });
});
