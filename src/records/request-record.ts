import { z } from "zod";
import { planFacts } from "./plan-facts.ts";

const ms = (text: string) => z.number().nonnegative().describe(`${text}, in milliseconds`);
/** Sums of whole pico-USD stay numbers up to here. */
const mostUsd = 1e9;

const usd = (text: string) => z.number().nonnegative().max(mostUsd).describe(`${text}, in USD`);
const count = (text: string) => z.number().int().nonnegative().describe(text);
const share = (text: string) => z.number().min(0).max(1).describe(text);
const name = (text: string) => z.string().max(512).describe(text);

const tokenCounts = z.object({
  in: count("input tokens that were not read from or written to a cache"),
  out: count("output tokens, those for reasoning included"),
  cache_read: count("input tokens read from the provider's cache"),
  cache_write: count("input tokens written to the provider's cache"),
  cache_write_1h: count(
    "those of `cache_write` that are kept for an hour, at a price of their own",
  ),
  reasoning: count("those of `out` that were spent on reasoning"),
});

const tokenSource = z
  .enum(["provider", "estimated", "none"])
  .describe("whether the provider told the tokens or the router estimated them");

const attemptKind = z.enum(["first", "retry", "fallback", "hedge", "shadow", "judge"]);

const attempt = z.object({
  backend: name("the backend that was called"),
  kind: attemptKind.describe("why this attempt was made"),
  sent: z
    .boolean()
    .describe(
      "whether it came to a call; not where it waited for a place in vain, and it cost nothing then",
    ),
  start_ms: ms("from the arrival of the request to its start").nullable(),
  ms: ms("from its start to its end"),
  ttft_ms: ms("from its start to its first token").nullable(),
  status: count("the HTTP status that the provider answered; null without an answer").nullable(),
  error_type: name(
    "the code of its error, `superseded` where another attempt answered first; null if it succeeded",
  ).nullable(),
  frames: count("the frames of content that came; 0 of a whole answer"),
  tokens: tokenCounts.nullable().describe("what it used; null where nothing is known"),
  token_source: tokenSource,
  cost_usd: usd("what its tokens or its time cost").nullable(),
});

const ledgerLine = z.object({
  kind: z
    .enum([
      "answer",
      "failed",
      "hedge_loser",
      "broken_stream",
      "aborted",
      "guardrail",
      "shadow",
      "judge",
    ])
    .describe("what was paid for"),
  backend: name("the backend at whose prices").nullable(),
  tokens: tokenCounts.nullable().describe("what was used; null where nothing is known"),
  units: count("the text units of a guardrail; null of everything else").nullable(),
  cost_usd: usd("what it cost"),
  basis: z
    .enum(["metered", "estimated", "allocated", "none"])
    .describe(
      "how the cost was found: from the provider's own count, from an estimate of it, as a share of an instance's time, or not at all, since nothing was used or no price is known",
    ),
});

const estimate = z.object({
  backend: name("the candidate"),
  p_correct: share("the estimated probability of a correct answer").nullable(),
  cost_usd: usd("the estimated cost of a long answer, which the envelope bounds").nullable(),
  expected_cost_usd: usd("the expected cost, which a plan weighs against correctness").nullable(),
  ttft_p95_ms: ms("the estimated P95 of its first token").nullable(),
  total_p95_ms: ms("the estimated P95 of its whole answer").nullable(),
  in_envelope: z.boolean().describe("whether these estimates keep the envelope"),
  dropped: name(
    "what kept it out of the chain: a hard limit, `ejected`, `full` or `share`; null where nothing did",
  ).nullable(),
});

const safety = z.object({
  action: z.enum(["allow", "observe", "redact", "block"]).describe("the strongest action taken"),
  rule_ids: z.array(name("a rule")).describe("the rules that matched"),
});

const limits = z.object({
  action: z
    .enum(["allow", "observe", "downgrade", "refuse", "uncounted"])
    .describe(
      "what came of them: `observe` where one had no room and let pass, `uncounted` where the store was away",
    ),
  exceeded: z
    .array(name("a limit such as `requests_per_minute` or `budget_day_usd`"))
    .describe("the limits that had no room"),
  refused_by: name("the one of them that refused the request").nullable(),
  denied: attemptKind
    .nullable()
    .describe("the further attempt that was not made because they left nothing for it"),
  reserved_usd: usd("what was reserved for the attempts"),
});

/**
 * One request, as one JSON line. Every key is always there: what is not known, or does not apply,
 * is null, so that columns keep their types in whatever reads the lines. It never holds content.
 */
export const requestRecordSchema = z.object({
  schema_version: z.literal(1).describe("the version of this shape"),
  ts: z.iso.datetime({ precision: 3 }).describe("when the request arrived, UTC"),
  level: z.enum(["info", "warn", "error"]).describe("how much the outcome asks for attention"),
  stream: z.literal("request").describe("tells these lines from others on the same output"),
  request_id: name("the id that the client got as `x-switchyard-request-id`"),
  trace_id: name("the W3C trace id, 32 hex digits; also where the trace was not sampled"),
  span_id: name("the id of the SERVER span, 16 hex digits"),
  namespace: name("the namespace of the group"),
  tenant: name("the tenant who called; null for an anonymous or unknown caller").nullable(),
  key_id: name(
    "the id of the API key, or of the policy's subject that a token is; never the key or token",
  ).nullable(),
  subject_type: z
    .enum(["ApiKey", "Jwt", "ServiceAccount"])
    .nullable()
    .describe("how the caller showed who it is; null where nobody is known by it"),
  route: name("the route that served; null where none was found").nullable(),
  class: name("the router class of the group"),
  table_digest: name("the digest of the snapshot that the request held").nullable(),
  plan_digest: name("the digest of the plan that the request followed").nullable(),
  plan: planFacts.nullable().describe("that plan; null where none was followed"),
  classifier_digest: name("the digest of the classifier that judged").nullable(),
  operation: z.enum(["chat", "embeddings"]).nullable().describe("what was asked; null elsewhere"),
  request_model: name("the model name that the client sent").nullable(),
  response_model: name("the model that answered, as its provider names it").nullable(),
  provider: name("the provider that answered last").nullable(),
  region: name("the region that answered last").nullable(),
  attempts: z.array(attempt).describe("every attempt, in the order of their starts"),
  fallback_reason: name("why the first candidate was left; null if it was not").nullable(),
  would_refuse: z
    .array(name("a bound"))
    .describe(
      "the bounds of a policy with `enforcement: Observe` that would have refused the request",
    ),
  would_divert: z
    .array(name("a bound"))
    .describe("those that would have had another backend serve it"),
  denied: attemptKind
    .nullable()
    .describe("the attempt that was not made because the route's budget was used up; null mostly"),
  streaming: z.boolean().describe("whether the client asked for a stream"),
  status: count("the HTTP status that the client got"),
  finish_reason: name("the finish reason that the client got").nullable(),
  error_type: name("the code of the error that the client got").nullable(),
  latency_ms: ms("from arrival to the last byte"),
  ttft_ms: ms("from arrival to the first token sent to the client").nullable(),
  overhead_ms: ms("`latency_ms` without the time in which an attempt was under way"),
  upstream_latency_ms: ms("the time in which an attempt was under way"),
  tokens: tokenCounts.nullable().describe("what the request used over all its attempts"),
  token_source: tokenSource,
  cost_usd: usd("what the request cost: the sum of its ledger"),
  ledger: z
    .array(ledgerLine)
    .describe(
      "what the request was charged for: a line for each attempt in its order, then others",
    ),
  baseline_cost_usd: usd(
    "what the baseline would have cost for the tokens of the answer",
  ).nullable(),
  choice_reason: name(
    "why the first of the chain stood first; null where the request did not come so far",
  ).nullable(),
  confidence: share(
    "the estimated probability that the chosen candidate answers correctly",
  ).nullable(),
  confidence_source: z
    .enum(["tier", "classifier", "plan"])
    .nullable()
    .describe("what the confidence rests on"),
  unfamiliar: z
    .array(name("a trait"))
    .describe("traits of the request that the classifier's training never held"),
  estimates: z
    .array(estimate)
    .describe("what was believed of each candidate; nothing of those that a hard limit dropped"),
  arm: z
    .enum(["shadow", "control", "golden", "judge"])
    .nullable()
    .describe(
      "the arm that the request was put in; all but `control` are no traffic: `golden` is a replay, `shadow` a second answer that nobody was shown, `judge` the comparing of two",
    ),
  prompt_id: name(
    "the request whose answer a shadow or its judge was made for; null of all others",
  ).nullable(),
  envelope_missed: z
    .boolean()
    .describe("whether no eligible candidate was expected to keep the envelope"),
  limits: limits.nullable().describe("what the tenant's limits did; null where it has none"),
  safety: safety.nullable().describe("what the filters did; null where none ran"),
  bytes_in: count("bytes of the request's body"),
  bytes_out: count("bytes of the response's body"),
  aws_request_id: name("AWS's id of the last attempt").nullable(),
  client_aborted: z.boolean().describe("whether the client went away before the end"),
});

export type RequestRecord = z.infer<typeof requestRecordSchema>;
export type AttemptRecord = z.infer<typeof attempt>;
export type TokenCounts = z.infer<typeof tokenCounts>;
export type LedgerLine = z.infer<typeof ledgerLine>;
export type CandidateEstimate = z.infer<typeof estimate>;
