import { expect } from "vitest";
import type { Harness } from "./harness.ts";

/** What every model can: words, and when they end. */
export function answers(harness: Harness): void {
  const { ways } = harness;

  harness.test("answers with text, usage and the vendor's request id", "chat", async () => {
    const { reply, facts } = await harness.provider.chat(harness.call("Repeat exactly: one two"));
    expect(reply).toMatchObject({
      text: "one two",
      reasoning: [],
      toolCalls: [],
      finishReason: "stop",
    });
    expect(reply.usage).toMatchObject({ cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 });
    expect(reply.usage?.input).toBeGreaterThan(0);
    expect(reply.usage?.output).toBeGreaterThan(0);
    expect(facts.requestId).toBe(harness.lastCall()?.requestId);
  });

  harness.test("streams the same answer that it gives whole", "chat", async () => {
    const body = "Tell me of the sea in 80 words.";
    const whole = await harness.whole(body);
    const streamed = await harness.streamed(body);
    expect(whole.text.length).toBeGreaterThan(40);
    expect(streamed).toEqual(whole);
  });

  harness.test(
    "streams in more than one piece, and ends with reason and usage",
    "chat",
    async () => {
      const open = await harness.provider.streamChat(harness.call("Count from 1 to 30"));
      const frames = await Array.fromAsync(open.frames);
      const types = frames.map(({ type }) => type);
      expect(types.filter((type) => type === "text").length).toBeGreaterThan(3);
      expect(types.slice(-2)).toEqual(["finish", "usage"]);
      expect(types.slice(0, -2).every((type) => type === "text")).toBe(true);
      expect(open.facts.requestId).toBe(harness.lastCall()?.requestId);
    },
  );

  harness.test("keeps characters whole, wherever the wire splits them", "chat", async () => {
    const text = "naïve café 漢字 🚂🛤️ \u{1F469}\u200D\u{1F469}\u200D\u{1F467} end";
    for (const [, ask] of ways) expect((await ask(`Repeat exactly: ${text}`)).text).toBe(text);
  });

  harness.test("sends instructions wherever they stand", "chat", async () => {
    const question = { role: "user", content: "Repeat exactly: done" };
    const bare = await harness.whole({ messages: [question] });
    const messages = [
      { role: "system", content: "Speak only of trains and of nothing else." },
      { role: "developer", content: [{ type: "text", text: "And briefly." }] },
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Good day." },
      { role: "system", content: "From here on, be formal." },
      question,
    ];
    for (const [, ask] of ways) {
      const reply = await ask({ messages });
      expect(reply.text).toBe("done");
      expect(reply.usage?.input).toBeGreaterThan((bare.usage?.input ?? 0) + 15);
    }
  });

  harness.test("ends at a stop sequence, which it leaves out", "chat", async () => {
    for (const [, ask] of ways) {
      const reply = await ask({
        messages: [{ role: "user", content: "Repeat exactly: one two HALT three" }],
        stop: ["", "HALT"],
      });
      expect(reply.text.trimEnd()).toBe("one two");
      expect(reply.finishReason).toBe("stop");
    }
  });

  harness.test("ends for length at max_tokens and at max_completion_tokens", "chat", async () => {
    const messages = [{ role: "user", content: "Count from 1 to 200" }];
    for (const [, ask] of ways) {
      for (const limit of [{ max_tokens: 5 }, { max_completion_tokens: 5 }]) {
        const reply = await ask({ messages, ...limit });
        expect(reply.finishReason).toBe("length");
        expect(reply.usage?.output).toBeLessThanOrEqual(5);
      }
    }
  });

  harness.test("asks for no more than the model can give", "chat", async () => {
    const messages = [{ role: "user", content: "Repeat exactly: yes" }];
    expect((await harness.whole({ messages, max_tokens: 10_000_000 })).text).toBe("yes");
  });

  harness.test("takes every sampling field that OpenAI takes", "chat", async () => {
    const reply = await harness.whole({
      messages: [{ role: "user", content: "Repeat exactly: yes", name: "ann" }],
      temperature: 2,
      top_p: 1,
      top_k: 5,
      seed: 1,
      frequency_penalty: 0.1,
      presence_penalty: 0.1,
      user: "someone",
      metadata: { a: "b" },
      logit_bias: { "1": 1 },
      store: false,
      something_new: { deep: [1] },
    });
    expect(reply.text).toBe("yes");
  });

  harness.test("takes a conversation as untidy as clients make them", "chat", async () => {
    const messages = [
      { role: "assistant", content: "Hello?" },
      { role: "user", content: "" },
      { role: "user", content: [{ type: "text", text: " " }] },
      { role: "assistant", content: null },
      { role: "assistant", content: "Yes?" },
      { role: "user", content: "One." },
      { role: "user", content: "Repeat exactly: fine" },
    ];
    for (const [, ask] of ways) expect((await ask({ messages })).text).toBe("fine");
  });
}
