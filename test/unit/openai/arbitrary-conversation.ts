import fc from "fast-check";

// Conversations as OpenAI accepts them: every call is answered, in any order, before the next turn.

const words = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 10 }),
  fc.constantFrom("", " ", "line\nline", "\u2028", '"quoted"', "data: x"),
);
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,10}$/);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const textPart = fc.record({ type: fc.constant("text"), text: words });
const imagePart = fc.record({
  type: fc.constant("image_url"),
  image_url: fc.record({ url: fc.constant("data:image/png;base64,iVBORw0KGgo=") }),
});
const filePart = fc.record({
  type: fc.constant("file"),
  file: fc.record({
    file_data: fc.constant("data:application/pdf;base64,JVBERi0="),
    filename: optional(name),
  }),
});
const texts = fc.oneof(words, fc.array(textPart, { maxLength: 3 }));

const system = fc.record({ role: fc.constantFrom("system", "developer"), content: texts });
const userOf = (parts: fc.Arbitrary<object>) =>
  fc.record({
    role: fc.constant("user"),
    content: fc.oneof(words, fc.array(parts, { minLength: 1, maxLength: 3 })),
    name: optional(fc.option(name)),
  });
const assistant = fc.record({
  role: fc.constant("assistant"),
  content: fc.oneof(texts, fc.constant(null)),
  refusal: optional(fc.constant(null)),
  reasoning_content: optional(fc.option(words)),
  thinking_blocks: optional(
    fc.array(
      fc.constantFrom(
        { type: "thinking", thinking: "hm", signature: "c2ln" },
        { type: "redacted_thinking", data: "eA==" },
      ),
      { maxLength: 2 },
    ),
  ),
});

/** An assistant turn with calls, and the results of all of them. */
const exchange = fc
  .record({
    said: assistant,
    names: fc.array(name, { minLength: 1, maxLength: 3 }),
    result: texts,
    turn: fc.nat(),
  })
  .map(({ said, names, result, turn }) => {
    const calls = names.map((called, index) => ({
      id: `call_${turn}_${index}`,
      type: "function",
      function: { name: called, arguments: index === 0 ? "" : '{"a":1}' },
    }));
    const results = calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: result }));
    return [{ ...said, tool_calls: calls }, ...results];
  });

const tool = name.map((called) => ({
  type: "function",
  function: { name: called, description: "does", parameters: { type: "object", properties: {} } },
}));

const settings = fc.record(
  {
    temperature: fc.constantFrom(null, 0, 0.5, 2),
    top_p: fc.constantFrom(null, 1),
    top_k: fc.constant(40),
    max_tokens: fc.option(fc.integer({ min: 1, max: 4_096 })),
    max_completion_tokens: fc.option(fc.integer({ min: 1, max: 4_096 })),
    stop: fc.oneof(fc.constant(null), words, fc.array(words, { maxLength: 6 })),
    n: fc.constantFrom(1, null),
    seed: fc.integer(),
    user: words,
    metadata: fc.dictionary(fc.string(), words),
    parallel_tool_calls: fc.boolean(),
    reasoning_effort: fc.constantFrom("low", "high", null),
    logprobs: fc.boolean(),
    logit_bias: fc.constant({ "50256": -100 }),
    store: fc.constant(false),
    stream: fc.boolean(),
    stream_options: fc.constantFrom(null, { include_usage: true }),
    something_new: fc.anything(),
  },
  { requiredKeys: [] },
);

interface Shape {
  /** Whether user turns may hold images and files. */
  media: boolean;
}

/** Bodies of `/v1/chat/completions`. */
export function arbitraryChatBody({ media }: Shape): fc.Arbitrary<Record<string, unknown>> {
  const user = userOf(media ? fc.oneof(textPart, imagePart, filePart) : textPart);
  const turn = fc.oneof(system.map(one), user.map(one), assistant.map(one), exchange);
  return fc
    .tuple(
      fc.array(turn, { maxLength: 6 }),
      user,
      optional(fc.array(tool, { maxLength: 3 })),
      settings,
    )
    .map(([turns, last, tools, rest]) => ({
      model: "any",
      messages: [...turns.flat(), last],
      ...(tools === undefined ? {} : { tools }),
      ...rest,
    }));
}

const one = (message: object): object[] => [message];
