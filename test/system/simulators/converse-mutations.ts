const bytes = Buffer.from("some bytes").toString("base64");

/** A request that uses as many members as one conversation can. */
export const fullRequest = {
  system: [{ text: "Be brief." }, { cachePoint: { type: "default", ttl: "5m" } }],
  messages: [
    {
      role: "user",
      content: [
        { text: "Look at these." },
        { image: { format: "png", source: { bytes } } },
        {
          document: {
            format: "pdf",
            name: "Report 1",
            source: { bytes },
            context: "old",
            citations: { enabled: true },
          },
        },
        { document: { format: "txt", name: "Note", source: { content: [{ text: "words" }] } } },
        { guardContent: { text: { text: "guard", qualifiers: ["query"] } } },
      ],
    },
    {
      role: "assistant",
      content: [
        { text: "I will." },
        { toolUse: { toolUseId: "t1", name: "get_it", input: { a: 1 } } },
      ],
    },
    {
      role: "user",
      content: [
        {
          toolResult: {
            toolUseId: "t1",
            status: "success",
            content: [
              { text: "done" },
              { json: { b: 2 } },
              { image: { format: "gif", source: { bytes } } },
            ],
          },
        },
        { cachePoint: { type: "default" } },
      ],
    },
  ],
  inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ["END"] },
  toolConfig: {
    tools: [
      {
        toolSpec: {
          name: "get_it",
          description: "Gets it",
          inputSchema: { json: { type: "object" } },
          strict: true,
        },
      },
      { cachePoint: { type: "default" } },
    ],
    toolChoice: { tool: { name: "get_it" } },
  },
  guardrailConfig: { guardrailIdentifier: "abc", guardrailVersion: "1", trace: "enabled" },
  additionalModelRequestFields: { top_k: 5 },
  additionalModelResponseFieldPaths: ["/stop_sequence"],
  requestMetadata: { team: "a b" },
  performanceConfig: { latency: "standard" },
  serviceTier: { type: "default" },
  outputConfig: {
    textFormat: {
      type: "json_schema",
      structure: { jsonSchema: { schema: "{}", name: "n", description: "d" } },
    },
  },
};

type Place = { holder: Record<string, unknown>; key: string };

/** Every place of a value, outermost first; what lies inside documents of the model is left alone. */
function placesOf(value: unknown, inside: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return inside;
  for (const key of Object.keys(value)) {
    inside.push({ holder: value as Record<string, unknown>, key });
    if (!["json", "input", "additionalModelRequestFields"].includes(key))
      placesOf((value as Record<string, unknown>)[key], inside);
  }
  return inside;
}

const values: unknown[] = [
  "",
  "x".repeat(300),
  "no-such-name!",
  "ä b",
  0,
  -1,
  1.5,
  3e9,
  true,
  [],
  {},
  ["a"],
  { unknown: 1 },
  { text: "" },
];

const acts: ((place: Place, chosen: number) => void)[] = [
  ({ holder, key }, chosen) => {
    holder[key] = structuredClone(values[chosen % values.length]);
  },
  ({ holder, key }) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  ({ holder, key }) => {
    if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
    else holder["surplus"] = holder[key];
  },
  ({ holder, key }) => {
    const value = holder[key];
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      Object.assign(value, { surplus: 1 });
    else holder[key] = [value];
  },
];

/** The same value with one or two things changed, as the numbers say. */
export function mutate(value: unknown, numbers: Iterator<number>): unknown {
  const copy: unknown = structuredClone(value);
  const next = (): number => Number(numbers.next().value);
  for (let changes = 1 + (next() % 2); changes > 0; changes -= 1) {
    const places = placesOf(copy);
    const place = places[next() % Math.max(1, places.length)];
    if (place !== undefined) acts[next() % acts.length]?.(place, next());
  }
  return copy;
}
