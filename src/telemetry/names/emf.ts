/** What CloudWatch draws from a request's line: each metric is a member of the line's root, with its unit there. */
export const emfMetrics = {
  latency_ms: {
    unit: "Milliseconds",
    description: "From arrival to the last byte; its sample count is the number of requests",
  },
  ttft_ms: {
    unit: "Milliseconds",
    description: "From arrival to the first token, of streams that came so far",
  },
  cost_usd: {
    unit: "None",
    description: "What the request cost in USD, or a shadow, a judge or a replay",
  },
  input_tokens: {
    unit: "Count",
    description:
      "Input tokens of all its attempts, those read from or written to a cache among them",
  },
  output_tokens: { unit: "Count", description: "Output tokens of all its attempts" },
  fallbacks: {
    unit: "Count",
    description: "1 where the first candidate was left, else 0: its average is their share",
  },
} as const;

export type EmfMetric = keyof typeof emfMetrics;

/** What CloudWatch tells them apart by, in one dimension set a line. */
export const emfDimensions = {
  namespace: "The namespace of the group",
  route: "The route; absent where none was found",
  model: "The model that answered, as its provider names it; absent where none did",
  outcome:
    "`answered`, `refused`, `limited`, `failed` or `aborted`, as in `switchyard.requests`; `shadow`, `judge` or `golden` of what is no traffic",
} as const;

export type EmfDimension = keyof typeof emfDimensions;

export const emfNamespace = "Switchyard";
