import { expect } from "vitest";
import { asMessage, functionTool, type Harness } from "./harness.ts";

const pixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const person = {
  type: "json_schema",
  json_schema: {
    name: "person",
    strict: true,
    schema: {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer" } },
      required: ["name", "age"],
      additionalProperties: false,
    },
  },
} as const;

// Longer than the shortest prefix that a cache keeps.
const longText = "The line runs north along the river, past mills and orchards. ".repeat(200);

/** What only some models can: images, forms, caches and thoughts. */
export function content(harness: Harness): void {
  const { ways } = harness;

  harness.test("sees an image", "vision", async () => {
    const parts = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: pixel } },
    ];
    for (const [, ask] of ways) {
      const reply = await ask({ messages: [{ role: "user", content: parts }] }, { role: "vision" });
      expect(reply.text).toContain("I see the image");
    }
  });

  harness.test("refuses a remote image by its name, without a call", "vision", async () => {
    const before = harness.simulator.calls().length;
    const url = "http://169.254.169.254/latest/meta-data/";
    const parts = [{ type: "image_url", image_url: { url } }];
    const messages = [{ role: "user", content: parts }];
    await expect(harness.whole({ messages }, { role: "vision" })).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("messages[0].content[0]") as string,
    });
    expect(harness.simulator.calls()).toHaveLength(before);
  });

  harness.test("answers in the form of a JSON schema", "schema", async () => {
    const messages = [{ role: "user", content: "Ada is 36." }];
    for (const [, ask] of ways) {
      const reply = await ask({ messages, response_format: person }, { role: "schema" });
      expect(JSON.parse(reply.text)).toEqual({
        name: expect.any(String) as string,
        age: expect.any(Number) as number,
      });
      expect(reply).toMatchObject({ finishReason: "stop", toolCalls: [] });
    }
  });

  harness.test("tells what its cache has written and read", "caching", async () => {
    for (const [way, ask] of ways) {
      const text = `${way} ${longText}`;
      const system = (ttl: object) => ({
        role: "system",
        content: [{ type: "text", text, cache_control: { type: "ephemeral", ...ttl } }],
      });
      const body = (ttl: object) => ({
        messages: [system(ttl), { role: "user", content: "Repeat exactly: yes" }],
      });
      const written = await ask(body({}), { role: "caching" });
      expect(written.usage?.cacheWrite5m).toBeGreaterThan(1024);
      expect(written.usage).toMatchObject({ cacheRead: 0, cacheWrite1h: 0 });
      const read = await ask(body({}), { role: "caching" });
      expect(read.usage?.cacheRead).toBe(written.usage?.cacheWrite5m);
      expect(read.usage).toMatchObject({ cacheWrite5m: 0, cacheWrite1h: 0 });
      expect(read.usage?.input).toBe(written.usage?.input);
    }
  });

  harness.test("tells a cache of an hour from one of five minutes", "caching", async () => {
    const mark = { type: "ephemeral", ttl: "1h" };
    const parts = [{ type: "text", text: `hourly ${longText}`, cache_control: mark }];
    const { usage } = await harness.whole(
      { messages: [{ role: "user", content: parts }] },
      { role: "caching" },
    );
    expect(usage?.cacheWrite1h).toBeGreaterThan(1024);
    expect(usage?.cacheWrite5m).toBe(0);
  });

  harness.test("thinks where it is asked to, and keeps the signature", "reasoning", async () => {
    const messages = [{ role: "user", content: "What is 6 times 7?" }];
    for (const [, ask] of ways) {
      const reply = await ask({ messages, reasoning_effort: "low" }, { role: "reasoning" });
      expect(reply.reasoning).toEqual([
        {
          type: "thinking",
          thinking: expect.stringMatching(/./) as string,
          signature: expect.stringMatching(/./) as string,
        },
      ]);
      expect(reply.text).not.toBe("");
      const plain = await ask({ messages, reasoning_effort: "none" }, { role: "reasoning" });
      expect(plain.reasoning).toEqual([]);
    }
  });

  harness.test("goes on from its own thoughts after a call", "reasoning", async () => {
    const weather = functionTool("get_weather", { city: { type: "string" } });
    for (const [, ask] of ways) {
      const messages: unknown[] = [{ role: "user", content: "What is the weather in Oslo?" }];
      const body = { tools: [weather], reasoning_effort: "medium", temperature: 0.2 } as const;
      const called = await ask({ ...body, messages }, { role: "reasoning" });
      expect(called.reasoning).toHaveLength(1);
      messages.push(asMessage(called), {
        role: "tool",
        tool_call_id: called.toolCalls[0]?.id,
        content: "rain",
      });
      const reply = await ask({ ...body, messages }, { role: "reasoning" });
      expect(reply.text).toContain("rain");
      expect(reply.reasoning).toHaveLength(1);
    }
  });
}
