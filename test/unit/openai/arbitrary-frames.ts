import fc from "fast-check";
import type { Frame } from "../../../src/openai/index.ts";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
const words = text.map((piece): Frame => ({ type: "text", text: piece }));

const reasoning = fc
  .tuple(fc.array(text, { minLength: 1, maxLength: 3 }), fc.option(text))
  .map(([pieces, signature]): Frame[] => [
    ...pieces.map((piece): Frame => ({ type: "reasoning", text: piece })),
    ...(signature === null ? [] : [{ type: "reasoningSignature" as const, signature }]),
  ]);
const redacted = text.map((data): Frame[] => [{ type: "redactedReasoning", data }]);

const call = fc.record({
  name: fc.stringMatching(/^[a-z]{1,8}$/),
  pieces: fc.constantFrom([], [""], ["{}"], ['{"a":', "", '"b"}'], ['{"n":1}']),
});

const usage = fc
  .record({
    input: fc.nat(),
    output: fc.nat(),
    cacheRead: fc.nat(),
    cacheWrite5m: fc.nat(),
    cacheWrite1h: fc.nat(),
    reasoning: fc.nat(),
  })
  .map((counted): Frame => ({ type: "usage", usage: counted }));

/** Streams as providers give them: with their terminal frame and their usage. */
export const arbitraryFrames: fc.Arbitrary<Frame[]> = fc
  .record({
    thoughts: fc.array(fc.oneof(reasoning, redacted), { maxLength: 3 }),
    said: fc.array(words, { maxLength: 4 }),
    calls: fc.array(call, { maxLength: 3 }),
    reason: fc.constantFrom("stop", "length", "tool_calls", "content_filter"),
    usage,
  })
  .map(({ thoughts, said, calls, reason, usage: counted }) => [
    ...thoughts.flat(),
    ...said,
    ...calls.flatMap(({ name, pieces }, index): Frame[] => [
      { type: "toolCall", index, id: `call_${index}`, name },
      ...pieces.map((piece): Frame => ({ type: "toolArguments", index, text: piece })),
    ]),
    { type: "finish", reason },
    counted,
  ]);
