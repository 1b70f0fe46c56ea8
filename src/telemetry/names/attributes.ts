export type AttributeType = "string" | "int" | "double" | "boolean" | "string[]";

interface AttributeSpec {
  type: AttributeType;
  description: string;
}

export const attributes = {
  "error.type": { type: "string", description: "The code of the error; absent on success" },
  "http.request.method": { type: "string", description: "The method; `_OTHER` if not a known one" },
  "http.route": { type: "string", description: "The matched path pattern" },
  "http.response.status_code": { type: "int", description: "The HTTP status" },
  "http.request.body.size": { type: "int", description: "Bytes of the request's body" },
  "http.response.body.size": { type: "int", description: "Bytes of the response's body" },
  "url.path": { type: "string", description: "The path, without the query" },
  "url.scheme": { type: "string", description: "`http` or `https`" },
  "network.protocol.version": { type: "string", description: "`1.0`, `1.1` or `2`" },
  "server.address": { type: "string", description: "The host that was addressed" },
  "server.port": { type: "int", description: "The port that was addressed" },
  "cloud.region": { type: "string", description: "The region that was called" },
  "aws.request_id": { type: "string", description: "AWS's id of the call" },
  "aws.bedrock.guardrail.id": { type: "string", description: "The guardrail that the call names" },
  "gen_ai.operation.name": { type: "string", description: "`chat` or `embeddings`" },
  "gen_ai.provider.name": { type: "string", description: "`aws.bedrock` or `aws.sagemaker`" },
  "gen_ai.request.model": {
    type: "string",
    description: "The model that was asked for, as its provider names it",
  },
  "gen_ai.request.max_tokens": { type: "int", description: "The bound on output tokens" },
  "gen_ai.request.temperature": { type: "double", description: "The temperature" },
  "gen_ai.request.top_p": { type: "double", description: "The nucleus sampling share" },
  "gen_ai.request.stream": { type: "boolean", description: "Whether a stream was asked for" },
  "gen_ai.response.id": { type: "string", description: "The provider's id of the answer" },
  "gen_ai.response.model": { type: "string", description: "The model that answered" },
  "gen_ai.response.finish_reasons": { type: "string[]", description: "Why the answer ended" },
  "gen_ai.response.time_to_first_chunk": {
    type: "double",
    description: "Seconds to the first chunk of a stream",
  },
  "gen_ai.usage.input_tokens": { type: "int", description: "Input tokens, cached ones included" },
  "gen_ai.usage.output_tokens": { type: "int", description: "Output tokens, reasoning included" },
  "gen_ai.usage.cache_read.input_tokens": {
    type: "int",
    description: "Input tokens read from a cache",
  },
  "gen_ai.usage.cache_creation.input_tokens": {
    type: "int",
    description: "Input tokens written to a cache",
  },
  "gen_ai.usage.reasoning.output_tokens": {
    type: "int",
    description: "Output tokens spent on reasoning",
  },
  "gen_ai.evaluation.name": {
    type: "string",
    description:
      "What judged: `exact`, `regex`, `json_schema`, `numeric`, `judge`, `agreement` or `client`",
  },
  "gen_ai.evaluation.score.value": {
    type: "double",
    description: "How good the answer was, from 0 to 1",
  },
  "gen_ai.evaluation.score.label": {
    type: "string",
    description: "`right` of a score of 1, `wrong` of 0, `partly` of what lies between",
  },
  "gen_ai.token.type": { type: "string", description: "`input` or `output`" },
  "switchyard.request.id": { type: "string", description: "The id that the client got" },
  "switchyard.outcome": {
    type: "string",
    description: "`answered`, `refused`, `limited`, `failed` or `aborted`",
  },
  "switchyard.namespace": { type: "string", description: "The namespace of the group" },
  "switchyard.class": { type: "string", description: "The router class of the group" },
  "switchyard.route": { type: "string", description: "The route" },
  "switchyard.tenant": {
    type: "string",
    description: "The tenant; on metrics `other` past a bound",
  },
  "switchyard.subject.type": {
    type: "string",
    description: "How the caller showed who it is: `ApiKey`, `Jwt` or `ServiceAccount`",
  },
  "switchyard.table.digest": { type: "string", description: "The digest of the table" },
  "switchyard.candidates": {
    type: "string[]",
    description: "The backends of the chain, best first",
  },
  "switchyard.chosen": { type: "string", description: "The first of the chain" },
  "switchyard.reason": { type: "string", description: "Why it was chosen" },
  "switchyard.confidence": {
    type: "double",
    description: "The estimated probability of a correct answer",
  },
  "switchyard.confidence.source": {
    type: "string",
    description: "What the confidence rests on: `tier`, `classifier` or `plan`",
  },
  "switchyard.plan.digest": {
    type: "string",
    description: "The digest of the plan that was followed",
  },
  "switchyard.plan.lambda": {
    type: "double",
    description: "The correctness that a dollar had to buy by that plan",
  },
  "switchyard.envelope.missed": {
    type: "boolean",
    description: "Whether no eligible candidate was expected to keep the envelope",
  },
  "switchyard.objective": {
    type: "string",
    description: "What a route promises: `first_token`, `total`, `cost` or `quality`",
  },
  "switchyard.objective.result": { type: "string", description: "`kept` or `missed`" },
  "switchyard.assurance": {
    type: "string",
    description: "What vouches for a route's quality: `certified` or `estimated`",
  },
  "switchyard.limit": {
    type: "string",
    description: "A limit of a tenant, such as `requests_per_minute` or `budget_day_usd`",
  },
  "switchyard.limits.exceeded": {
    type: "string[]",
    description: "The limits of the tenant that had no room for the request",
  },
  "switchyard.limits.action": {
    type: "string",
    description: "`allow`, `observe`, `downgrade`, `refuse` or `uncounted`",
  },
  "switchyard.store.operation": {
    type: "string",
    description: "What the store of limits was asked: `admit` or `settle`",
  },
  "switchyard.loss.reason": { type: "string", description: "`full`, `refused` or `unsure`" },
  "switchyard.would_refuse": {
    type: "string[]",
    description: "The bounds of a policy that only observes which would have refused the request",
  },
  "switchyard.would_divert": {
    type: "string[]",
    description: "Those which would have had another backend serve it",
  },
  "switchyard.bound": {
    type: "string",
    description:
      "A bound of a policy that only observes, such as `allowed_backends`; of what was measured `estimate`, `lower` or `upper`",
  },
  "switchyard.fallback.reason": { type: "string", description: "Why the first candidate was left" },
  "switchyard.cost_usd": { type: "double", description: "The cost in USD" },
  "switchyard.baseline_cost_usd": {
    type: "double",
    description: "What the baseline would have cost, in USD",
  },
  "switchyard.backend": { type: "string", description: "The backend" },
  "switchyard.shed.reason": { type: "string", description: "`requests`, `bodies` or `heap`" },
  "switchyard.state": {
    type: "string",
    description:
      "Of a backend: `closed` as usual, `open` while ejected, `half_open` while probed; of a signal: `ok`, `drifted`, or `insufficient` where there are too few samples to tell",
  },
  "switchyard.ejection.reason": {
    type: "string",
    description:
      "`consecutive_failures`, `error_share`, `slow_share`, `throttled` or `probe_failed`",
  },
  "switchyard.attempt.kind": {
    type: "string",
    description: "`first`, `retry`, `fallback`, `hedge`, `shadow` or `judge`",
  },
  "switchyard.arm": {
    type: "string",
    description:
      "`control`: the baseline served for comparison; `golden`: a replay; `shadow`: a second answer that nobody is shown; `judge`: the comparing of two. Absent on all other traffic",
  },
  "switchyard.prompt.id": {
    type: "string",
    description: "The request whose answer a shadow or a judge was called for",
  },
  "switchyard.shadow.outcome": {
    type: "string",
    description:
      "`answered` or `failed`; `gave_way` to a request, or cut off by the router's end (`draining`); else why there was none: `unanswered`, `too_long`, `no_candidate`, `backend_away`, `backend_busy`, `router_busy`, `too_many`",
  },
  "switchyard.comparison.outcome": {
    type: "string",
    description:
      "`labelled`, `not_comparable`, `judge_gone`, `judge_denied`, `judge_busy`, `judge_failed` or `judge_unclear`",
  },
  "switchyard.answer.role": {
    type: "string",
    description: "Whose answer: `served`, `baseline`, or another `candidate`",
  },
  "switchyard.plan.rollout": {
    type: "string",
    description: "`current`, or `next`: the one that is being rolled out",
  },
  "switchyard.hedge.outcome": {
    type: "string",
    description:
      "`won`: its answer was taken, `lost`: the first attempt's was, `failed`, or `aborted` by the client",
  },
  "switchyard.attempt.cancelled": {
    type: "string",
    description:
      "Why an attempt was cancelled that had not failed: `superseded` by another one's answer, or `client_closed_request`",
  },
  "switchyard.attempt.number": { type: "int", description: "From 1, in the order of starts" },
  "switchyard.sampled_by": {
    type: "string",
    description: "`outcome` if kept although the sampler's ratio said no",
  },
  "switchyard.filter.name": { type: "string", description: "The safety filter's name" },
  "switchyard.filter.type": { type: "string", description: "The safety filter's type" },
  "switchyard.filter.owner": { type: "string", description: "`tenant` or `route`" },
  "switchyard.safety.stage": {
    type: "string",
    description: "`input`: what the client sent, or `output`: what the model answered",
  },
  "switchyard.safety.action": {
    type: "string",
    description: "`allow`, `observe`, `redact` or `block`: the strongest that was taken",
  },
  "switchyard.safety.rules": {
    type: "string[]",
    description: "The rules that matched, such as `pii/email`",
  },
  "switchyard.safety.failure": {
    type: "string",
    description: "Why a filter gave no verdict: `failed` or `late`",
  },
  "switchyard.label.source": { type: "string", description: "`golden`, `shadow` or `feedback`" },
  "switchyard.label.check": {
    type: "string",
    description:
      "What judged: `exact`, `regex`, `json_schema`, `numeric`, `judge`, `agreement` or `client`",
  },
  "switchyard.label.verdict": {
    type: "string",
    description: "`right` of a score of 1, `wrong` of 0, `partly` of what lies between",
  },
  "switchyard.signal": {
    type: "string",
    description:
      "What is watched for drift: `first_token`, `latency`, `input_tokens`, `output_tokens`, `cost`, `confidence`, `finish_reason`, `refusal`, `fallback`, `error` or `accuracy`",
  },
  "switchyard.refusal": {
    type: "string",
    description: "Why a table, a caller or a request was refused",
  },
  "switchyard.metric": { type: "string", description: "A metric's name" },
  "switchyard.fetch.outcome": { type: "string", description: "`success` or `error`" },
  "otel.metric.overflow": {
    type: "boolean",
    description: "True on the one series that takes all past a metric's bound",
  },
} as const satisfies Record<string, AttributeSpec>;

export type AttributeName = keyof typeof attributes;
