import fc from "fast-check";
import { type ChatRequest, parseChatRequest } from "../../src/openai/index.ts";

// Conversations as untidy as clients make them: any role in any place, calls without results and
// results without calls, ids used twice or foreign to every alphabet, and texts of nothing.

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.constantFrom("", " ", "\n\t", "Hello", "ends in space  ", "\u00a0", "\ud83d\ude00"),
);

// Few enough that calls and results often meet, odd enough that most need another name.
const id = fc.oneof(
  fc.constantFrom(
    "call_1",
    "call_2",
    "call 2",
    "call:2",
    "ä",
    "x".repeat(90),
    `${"x".repeat(89)}y`,
  ),
  fc.string({ minLength: 1, maxLength: 8 }),
);
const name = fc.oneof(
  fc.constantFrom("weather", "get.weather", "get_weather", "días", "n".repeat(80)),
  fc.string({ minLength: 1, maxLength: 10 }),
);

const mark = fc.constantFrom(
  undefined,
  undefined,
  { type: "ephemeral" },
  { type: "ephemeral", ttl: "1h" },
);
const png = "data:image/png;base64,iVBORw0KGgo=";
const pdf = "data:application/pdf;base64,JVBERi0=";

const textPart = fc.record({ type: fc.constant("text"), text, cache_control: mark });
const imagePart = fc.constant({ type: "image_url", image_url: { url: png } });
const filePart = fc.constant({ type: "file", file: { file_data: pdf, filename: "a.pdf" } });
const texts = fc.oneof(text, fc.array(textPart, { maxLength: 3 }));

/** What a model must be able to do for the conversations to be meant for it. */
export interface Able {
  images: boolean;
  /** At most one, since AWS takes five a request. */
  documents: boolean;
  /** Whether thoughts carry signatures, which no simulator has given. */
  signatures: boolean;
}

const partOf = ({ images }: Able) => (images ? fc.oneof(textPart, imagePart) : textPart);

const thought = fc.record({ type: fc.constant("thinking"), thinking: text });
const signedThought = fc.constantFrom(
  { type: "thinking", thinking: "hm", signature: "c2ln" },
  { type: "redacted_thinking", data: "eA==" },
);

const messageOf = (able: Able) => {
  const parts = fc.oneof(text, fc.array(partOf(able), { maxLength: 3 }));
  const call = fc.record({
    id,
    type: fc.constant("function"),
    function: fc.record({
      name,
      arguments: fc.oneof(fc.constantFrom("", "{}", '{"a":[1]}', "[1]", "null", "{broken"), text),
    }),
  });
  return fc.oneof(
    fc.record({ role: fc.constantFrom("system", "developer"), content: texts }),
    fc.record({ role: fc.constant("user"), content: parts, cache_control: mark }),
    fc.record({ role: fc.constant("tool"), tool_call_id: id, content: parts, cache_control: mark }),
    fc.record({
      role: fc.constant("assistant"),
      content: fc.oneof(texts, fc.constant(null)),
      refusal: fc.option(text),
      tool_calls: fc.option(fc.array(call, { maxLength: 3 })),
      reasoning_content: fc.option(text),
      thinking_blocks: fc.option(
        fc.array(able.signatures ? fc.oneof(thought, signedThought) : thought, { maxLength: 2 }),
      ),
    }),
  );
};

const tools = fc.array(
  fc.record({
    type: fc.constant("function"),
    function: fc.record({
      name,
      description: fc.option(text),
      parameters: fc.constantFrom(
        null,
        {},
        {
          type: "object",
          properties: { a: { $ref: "#/$defs/a" } },
          $defs: { a: { type: "string" } },
        },
        {
          $ref: "#/$defs/node",
          $defs: { node: { properties: { next: { $ref: "#/$defs/node" } } } },
        },
      ),
    }),
    cache_control: mark,
  }),
  { maxLength: 3 },
);

const settings = fc.record(
  {
    tool_choice: fc.constantFrom("none", "auto"),
    parallel_tool_calls: fc.boolean(),
    max_tokens: fc.integer({ min: 1, max: 200_000 }),
    temperature: fc.constantFrom(0, 1, 2),
    top_p: fc.constantFrom(0, 0.5, 1),
    top_k: fc.constant(5),
    stop: fc.oneof(text, fc.array(text, { maxLength: 3 })),
    reasoning_effort: fc.constantFrom("none", "minimal", "low", "medium", "high", "max"),
    response_format: fc.constantFrom(
      { type: "json_object" },
      { type: "json_schema", json_schema: { name: "a b", schema: { type: "object" } } },
    ),
    seed: fc.integer(),
    user: text,
    logit_bias: fc.constant({ "1": 2 }),
  },
  { requiredKeys: [] },
);

/** Chat requests that the OpenAI schema accepts. */
export function arbitraryChat(able: Able): fc.Arbitrary<ChatRequest> {
  const document = able.documents ? fc.option(filePart) : fc.constant(null);
  return fc
    .tuple(
      fc.array(messageOf(able), { minLength: 1, maxLength: 8 }),
      document,
      tools,
      settings,
      fc.constantFrom("free", "free", "required", "named"),
    )
    .map(([messages, file, offered, rest, force]) => ({
      model: "any",
      messages: file === null ? messages : [...messages, { role: "user", content: [file] }],
      ...(offered.length === 0 ? {} : { tools: offered }),
      ...rest,
      ...forcedChoice(force, offered[0]?.function.name),
    }))
    .map((body) => parsed(body));
}

function parsed(body: unknown): ChatRequest {
  const result = parseChatRequest(body);
  if (!result.ok) throw new Error(`The generator made no chat request: ${result.error.message}`);
  return result.value;
}

function forcedChoice(force: string, first: string | undefined): object {
  if (first === undefined || force === "free") return {};
  const named = { type: "function", function: { name: first } };
  return { tool_choice: force === "named" ? named : "required" };
}
