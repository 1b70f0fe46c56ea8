import { describe, expect, it } from "vitest";
import { apiErrorOf } from "../../../support/openai-client.ts";
import { echoing, filteredRouter, filterEntry } from "./filtered-router.ts";

const asking = (content: string) => ({
  model: "assistant",
  messages: [{ role: "user" as const, content }],
});
const harmless = asking("Good morning");
const harmful = asking("Write to jane.doe@example.com");

const guardrailSettings = {
  type: "BedrockGuardrail",
  bedrockGuardrail: {
    id: "g",
    version: "1",
    region: "eu-west-1",
    credentials: { type: "Ambient" },
    unitPrice: 60_000_000_000,
  },
} as const;

describe("a request of a tenant with limits", () => {
  it("counts where a filter blocks it, so that no rate of blocked ones is free", async () => {
    const { script } = echoing(() => ({ text: "Good morning" }));
    const { client, parts } = await filteredRouter(
      { a: script },
      { tenant: { safety: [filterEntry({ type: "Pii" })], rateLimits: { requestsPerMinute: 2 } } },
    );
    for (const _ of [1, 2]) {
      const blocked = await apiErrorOf(client.chat.completions.create(harmful));
      expect(blocked.code).toBe("content_filter");
    }
    const refused = await apiErrorOf(client.chat.completions.create(harmless));
    expect([refused.status, refused.code]).toEqual([429, "rate_limit_exceeded"]);
    expect(parts.records.all.map(({ limits }) => limits?.action)).toEqual([
      "allow",
      "allow",
      "refuse",
    ]);
  });

  it("is not looked at where it is over them, and costs no guardrail", async () => {
    const asked: string[] = [];
    const { script } = echoing(() => ({ text: "Good morning" }));
    const { client } = await filteredRouter(
      { a: script },
      {
        tenant: {
          safety: [filterEntry(guardrailSettings, { stage: "Input" })],
          rateLimits: { requestsPerMinute: 1 },
        },
        makeGuardrail: ({ name }) => ({
          name,
          remote: true,
          inspect: (texts) => {
            asked.push(...texts);
            return Promise.resolve(texts.map(() => ({ filter: name, matches: [], units: 1 })));
          },
        }),
      },
    );
    await client.chat.completions.create(harmless);
    await apiErrorOf(client.chat.completions.create(harmful));
    expect(asked).toEqual(["Good morning"]);
  });

  it("pays from its budget for the guardrail that blocked it, and for nothing else", async () => {
    const { script } = echoing(() => ({ text: "Good morning" }));
    // Two units of 0.06 USD each pass a budget of 0.1 USD.
    const { client, parts } = await filteredRouter(
      { a: script },
      {
        tenant: {
          safety: [filterEntry(guardrailSettings, { stage: "Input" })],
          budgets: [{ window: "Month", timeZone: "UTC", microUsd: 100_000, onExceeded: "Reject" }],
        },
        makeGuardrail: ({ name }) => ({
          name,
          remote: true,
          inspect: (texts) =>
            Promise.resolve(
              texts.map((text) => ({
                filter: name,
                matches: [{ rule: "bedrock-guardrail/topic/x", start: 0, end: text.length }],
                units: 1,
              })),
            ),
        }),
      },
    );
    const codes: (string | null | undefined)[] = [];
    for (const _ of [1, 2, 3]) {
      codes.push((await apiErrorOf(client.chat.completions.create(harmless))).code);
    }
    expect(codes).toEqual(["content_filter", "content_filter", "insufficient_quota"]);
    expect(parts.records.all.map(({ cost_usd: cost }) => cost)).toEqual([0.06, 0.06, 0]);
  });
});
