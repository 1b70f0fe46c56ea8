import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GuardrailEntry } from "../../../src/table/index.ts";
import { bedrockBackend, bedrockModels } from "../../support/bedrock-backend.ts";
import { converse, refusals, whole } from "./same/answers.ts";
import { expectSame, spoilt } from "./same/comparable.ts";
import { Pair } from "./same/pair.ts";

// ApplyGuardrail through the lean transport beside the AWS SDK: the same calls are to leave both, and
// the same is to be made of whatever answers.

const pair = new Pair();
beforeAll(async () => pair.open());
afterAll(async () => pair.close());

const asked = (guardrail: Partial<GuardrailEntry> = {}, text = "A text, naïve 漢字 🚂") => ({
  guardrail: {
    id: "abc123",
    version: "1",
    region: "eu-central-1",
    credentials: { type: "Ambient" },
    ...guardrail,
  } as const,
  source: "INPUT" as const,
  texts: [text],
  signal: AbortSignal.timeout(20_000),
});

const usage = {
  topicPolicyUnits: 1,
  contentPolicyUnits: 1,
  wordPolicyUnits: 1,
  sensitiveInformationPolicyUnits: 1,
  sensitiveInformationPolicyFreeUnits: 1,
  contextualGroundingPolicyUnits: 0,
};

const passed = { action: "NONE", outputs: [], assessments: [{}], usage };

const masked = {
  action: "GUARDRAIL_INTERVENED",
  actionReason: "Guardrail masked.",
  outputs: [{ text: "Mail {EMAIL}" }],
  assessments: [
    {
      sensitiveInformationPolicy: {
        piiEntities: [
          { type: "EMAIL", match: "jane@example.com", action: "ANONYMIZED", detected: true },
        ],
        regexes: [],
      },
      invocationMetrics: { guardrailProcessingLatency: 120, usage },
    },
  ],
  usage,
};

const blocked = {
  action: "GUARDRAIL_INTERVENED",
  outputs: [{ text: "No." }],
  assessments: [
    {
      topicPolicy: { topics: [{ name: "Tax Advice", type: "DENY", action: "BLOCKED" }] },
      contentPolicy: {
        filters: [
          { type: "INSULTS", confidence: "LOW", action: "NONE", detected: true },
          { type: "VIOLENCE", confidence: "HIGH", action: "BLOCKED" },
        ],
      },
      wordPolicy: {
        customWords: [{ match: "forbidden", action: "BLOCKED" }],
        managedWordLists: [{ match: "hell", type: "PROFANITY", action: "BLOCKED" }],
      },
    },
  ],
  usage,
};

describe("both transports send the same request", () => {
  it("for any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), async (text) => {
        fc.pre(text.trim() !== "");
        expectSame(await pair.applyGuardrail(asked({}, text), whole(passed)), "bedrock");
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ["arn:aws:bedrock:eu-central-1:123456789012:guardrail/abc123", "DRAFT", ""],
    ["arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:guardrail/abc", "12", "/base/deeper"],
  ])("for %s in version %s behind %j", async (id, version, path) => {
    pair.path = path;
    const seen = await pair.applyGuardrail(asked({ id, version }), whole(passed));
    pair.path = "";
    expectSame(seen, "bedrock");
    expect(seen.Lean.requests[0]?.url).toBe(
      `${path}/guardrail/${encodeURIComponent(id)}/version/${version}/apply`,
    );
  });
});

describe("both transports make the same", () => {
  it.each([
    ["a text that may pass", passed],
    ["a masked text", masked],
    ["a blocked text", blocked],
    ["an intervention that is not explained", { ...masked, assessments: [] }],
    ["an action that nobody knows", { ...masked, action: "GUARDRAIL_SIGHED" }],
    ["members of null", { ...masked, assessments: null, outputs: null, usage: null }],
    ["no action", {}],
    ["a list in place of an object", []],
    ["a body that is no JSON", "<html>"],
    ["no body", ""],
  ])("of %s", async (_title, answer) => {
    expectSame(await pair.applyGuardrail(asked(), whole(answer)), "bedrock");
  });

  it("of texts that are blocked together and not apart: none of them may pass", async () => {
    let calls = 0;
    const answer: (typeof refusals)[number][1] = (response) => {
      calls += 1;
      // Each transport asks about both, then about either.
      whole(calls % 3 === 1 ? blocked : passed)(response);
    };
    const seen = await pair.applyGuardrail({ ...asked(), texts: ["one", "other"] }, answer);
    expectSame(seen, "bedrock");
    expect(seen.Lean.outcome).toMatchObject([
      { blocked: true, found: expect.arrayContaining([expect.objectContaining({ end: 3 })]) },
      { blocked: true, found: expect.arrayContaining([expect.objectContaining({ end: 5 })]) },
    ]);
  });

  it.each(refusals)("of %s in place of a verdict", async (_title, answer) => {
    expectSame(await pair.applyGuardrail(asked(), answer), "bedrock");
  });

  it.each([
    ["masked", masked],
    ["blocked", blocked],
  ])("of a %s text's verdict in which anything may stand", async (_title, answer) => {
    await fc.assert(
      fc.asyncProperty(spoilt(answer), async (body) => {
        expectSame(await pair.applyGuardrail(asked(), whole(body)), "bedrock");
      }),
      { numRuns: 100 },
    );
  });

  it("of the units that a call's own guardrail counted, told only where they have a price", async () => {
    const guardrail = { id: "guard", version: "1" };
    const trace = { guardrail: { inputAssessment: { guard: masked.assessments[0] } } };
    const answer = whole(converse([{ text: "Hi" }], { trace }));
    const priced = bedrockBackend(bedrockModels.claude, {
      target: { guardrail },
      prices: { guardrailUnit: 150_000_000 },
    });
    const call = {
      backend: priced,
      request: { model: "any", messages: [{ role: "user" as const, content: "Hello" }] },
      metadata: {},
      signal: AbortSignal.timeout(20_000),
    };
    const seen = await pair.chat(call, answer);
    expectSame(seen, "bedrock");
    expect(seen.Lean.outcome).toMatchObject({ facts: { guardrailUnits: 1 } });
    expect(JSON.parse(String(seen.Lean.requests[0]?.body))).toMatchObject({
      guardrailConfig: { guardrailIdentifier: "guard", guardrailVersion: "1", trace: "enabled" },
    });
  });
});
