import type { ApplyGuardrailResponse, GuardrailAssessment } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { readVerdict } from "../../../../src/providers/bedrock/guardrail-verdict.ts";

const usage = {
  topicPolicyUnits: 2,
  contentPolicyUnits: 2,
  wordPolicyUnits: 2,
  sensitiveInformationPolicyUnits: 1,
  sensitiveInformationPolicyFreeUnits: 2,
  contextualGroundingPolicyUnits: 0,
};

const intervened = (...assessments: GuardrailAssessment[]): ApplyGuardrailResponse => ({
  action: "GUARDRAIL_INTERVENED",
  outputs: [{ text: "Mail {EMAIL}" }],
  assessments,
  usage,
});

const pii = (action: "ANONYMIZED" | "BLOCKED" | "NONE"): GuardrailAssessment => ({
  sensitiveInformationPolicy: {
    piiEntities: [{ type: "EMAIL", match: "jane@example.com", action }],
    regexes: [],
  },
});

const text = "Mail jane@example.com";

const read = (response: ApplyGuardrailResponse) => readVerdict(response, text);

describe("a guardrail's verdict", () => {
  it("lets a text pass that it has nothing against, whatever it merely detected", () => {
    const response = { ...intervened(pii("NONE")), action: "NONE" as const, outputs: [] };
    expect(read(response)).toEqual({ found: [], blocked: false, units: 2 });
  });

  it("has the place of what it masks", () => {
    expect(read(intervened(pii("ANONYMIZED")))).toEqual({
      found: [{ rule: "bedrock-guardrail/pii/email", start: 5, end: 21 }],
      blocked: false,
      units: 2,
    });
  });

  it("stands for the whole text where the masked one does not fit to it", () => {
    const response = { ...intervened(pii("ANONYMIZED")), outputs: [{ text: "mail: {EMAIL}" }] };
    expect(read(response)).toMatchObject({
      found: [{ rule: "bedrock-guardrail/pii/email", start: 0, end: text.length }],
      blocked: false,
    });
  });

  it.each<[string, GuardrailAssessment, string]>([
    [
      "a topic",
      { topicPolicy: { topics: [{ name: "Tax Advice!", type: "DENY", action: "BLOCKED" }] } },
      "bedrock-guardrail/topic/tax-advice",
    ],
    [
      "a kind of content",
      {
        contentPolicy: {
          filters: [{ type: "PROMPT_ATTACK", confidence: "HIGH", action: "BLOCKED" }],
        },
      },
      "bedrock-guardrail/content/prompt-attack",
    ],
    [
      "a word of its own, without saying which",
      {
        wordPolicy: {
          customWords: [{ match: "forbidden", action: "BLOCKED" }],
          managedWordLists: [],
        },
      },
      "bedrock-guardrail/word/custom",
    ],
    [
      "a pattern by its name",
      {
        sensitiveInformationPolicy: {
          piiEntities: [],
          regexes: [{ name: "ticket", match: "T-1", action: "BLOCKED" }],
        },
      },
      "bedrock-guardrail/regex/ticket",
    ],
    [
      "an answer without grounds",
      {
        contextualGroundingPolicy: {
          filters: [{ type: "GROUNDING", threshold: 0.7, score: 0.2, action: "BLOCKED" }],
        },
      },
      "bedrock-guardrail/grounding/grounding",
    ],
  ])("blocks %s", (_title, assessment, rule) => {
    expect(read(intervened(assessment))).toMatchObject({
      found: [{ rule, start: 0, end: text.length }],
      blocked: true,
    });
  });

  it("blocks where it masks one thing and blocks another", () => {
    expect(read(intervened(pii("ANONYMIZED"), pii("BLOCKED")))).toMatchObject({ blocked: true });
  });

  it("blocks what it intervened for without saying why", () => {
    expect(read(intervened())).toMatchObject({
      found: [{ rule: "bedrock-guardrail/unnamed", start: 0, end: text.length }],
      blocked: true,
    });
  });

  it("never repeats what it found", () => {
    const verdict = read(intervened(pii("ANONYMIZED"), pii("BLOCKED")));
    expect(JSON.stringify(verdict)).not.toContain("jane");
  });

  it.each([[undefined], ["GUARDRAIL_SIGHED"], [7]])("is none with the action %j", (action) => {
    const response = { ...intervened(), action } as unknown as ApplyGuardrailResponse;
    expect(() => read(response)).toThrow(expect.objectContaining({ code: "malformed_reply" }));
  });
});
