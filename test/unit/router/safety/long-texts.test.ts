import { expect, it } from "vitest";
import type { MakeGuardrailFilter } from "../../../../src/router/index.ts";
import { frames, reply, settings } from "../../../support/router-parts.ts";
import { filterOf } from "../../safety/found.ts";
import { echoing, filteredRouter, filterEntry, framesOf } from "./filtered-router.ts";

const guardrail = {
  type: "BedrockGuardrail",
  bedrockGuardrail: {
    id: "g",
    version: "1",
    region: "eu-west-1",
    credentials: { type: "Ambient" },
  },
} as const;
const examples = Array.from({ length: 16 }, (_, index) => `shares of company number${index}`);
const topics = { denied: [{ name: "shares", examples }], thresholdPercent: 100 };
const body = (content: string) => ({
  model: "assistant",
  messages: [{ role: "user" as const, content }],
});

it("a long text that is searched for topics lets others have their turn", async () => {
  const { asked, script } = echoing(() => ({ text: "Hello" }));
  const others: Promise<unknown>[] = [];
  // Whoever asks while the filter behind this one is about to look at the long text.
  const makeGuardrail: MakeGuardrailFilter = ({ name }) => ({
    name,
    remote: true,
    inspect: async (texts) => {
      if (others.length === 0) others.push(client.chat.completions.create(body("short")));
      return texts.map(() => ({ filter: name, matches: [] }));
    },
  });
  const { client } = await filteredRouter(
    { a: script },
    {
      safety: [
        filterEntry(guardrail, { stage: "Input" }),
        filterEntry({ type: "Topics", topics }, { stage: "Input", action: "Observe" }),
      ],
      makeGuardrail,
      parts: { settings: { ...settings, drainMs: 0, maxBodyBytes: 4e6, maxHeldBytes: 4e7 } },
    },
  );
  await client.chat.completions.create(body("the company has shares of two kinds ".repeat(20_000)));
  await Promise.all(others);
  expect(asked.map(({ messages }) => messages[0]!.content?.length)).toEqual([5, 720_000]);
});

it("topics are the same whether the search pauses or not", () => {
  const filter = filterOf({ name: "topics", type: "Topics", topics });
  const text = `${"the harbour wall ".repeat(2_000)} shares of company number3 `.repeat(3);
  const steps = filter.inSteps!(text);
  let pauses = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) pauses += 1;
  expect(pauses).toBeGreaterThan(10);
  expect(step.value).toEqual(filter.inspect(text));
  expect(step.value.matches).toHaveLength(3);
});

it("any number of matches in an answer is counted", async () => {
  const often = "ab ".repeat(150_000);
  const words = { words: ["ab"], ignoreCase: false, wholeWords: true };
  const { client, parts } = await filteredRouter(
    { a: { stream: () => frames(framesOf(reply({ text: often.repeat(2) }), often.length)) } },
    { safety: [filterEntry({ type: "WordList", wordList: words }, { action: "Redact" })] },
  );
  await Array.fromAsync(await client.chat.completions.create({ ...body("short"), stream: true }));
  expect(parts.records.safety.map(({ match_count: count }) => count)).toEqual([300_000]);
});
