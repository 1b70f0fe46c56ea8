import { expect } from "vitest";
import type { Embedded } from "../../../../src/providers/index.ts";
import { failing, type Harness } from "./harness.ts";

/** Vectors of texts. */
export function embeddings(harness: Harness): void {
  const embed = async (input: string[], more: object = {}): Promise<Embedded> =>
    harness.provider.embed({
      backend: harness.backend("embeddings"),
      request: { model: "any", input, ...more },
      metadata: {},
      signal: AbortSignal.timeout(30_000),
    });

  harness.test("embeds texts in their order, and counts their tokens", "embeddings", async () => {
    const { vectors, usage, facts } = await embed(["the sea", "a train", "the sea"]);
    expect(vectors).toHaveLength(3);
    expect(vectors[0]).toEqual(vectors[2]);
    expect(vectors[0]).not.toEqual(vectors[1]);
    expect(new Set(vectors.map(({ length }) => length)).size).toBe(1);
    expect(usage).toMatchObject({ output: 0, cacheRead: 0 });
    expect(usage.input).toBeGreaterThan(0);
    expect(facts.requestId).toBeDefined();
  });

  harness.test("embeds more texts than one call takes", "embeddings", async () => {
    const input = Array.from({ length: 200 }, (_, index) => `text number ${index}`);
    const { vectors, usage } = await embed(input);
    expect(vectors).toHaveLength(200);
    const [first] = (await embed(["text number 137"])).vectors;
    expect(vectors[137]).toEqual(first);
    expect(usage.input).toBeGreaterThan(400);
  });

  harness.test("fails as a whole where one of its calls fails", "embeddings", async () => {
    harness.fault({ kind: "throttling", count: 1, retryAfterSeconds: 2 });
    const input = Array.from({ length: 200 }, (_, index) => `text ${index}`);
    await expect(embed(input)).rejects.toEqual(failing("throttled"));
  });

  harness.test("embeds nothing for a client that has left", "embeddings", async () => {
    const reason = new Error("Left");
    const call = harness.provider.embed({
      backend: harness.backend("embeddings"),
      request: { model: "any", input: ["a"] },
      metadata: {},
      signal: AbortSignal.abort(reason),
    });
    await expect(call).rejects.toBe(reason);
  });
}
