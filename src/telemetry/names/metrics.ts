import { armMetrics } from "./arm-metrics.ts";
import { driftMetrics } from "./drift-metrics.ts";
import { doublingFrom, growingFrom, type MetricSpec } from "./metric-spec.ts";
import { labelMetrics } from "./label-metrics.ts";
import { limitMetrics } from "./limit-metrics.ts";
import { objectiveMetrics } from "./objective-metrics.ts";
import { operatorMetrics } from "./operator-metrics.ts";
import { tableMetrics } from "./table-metrics.ts";

const durations = { kind: "histogram", unit: "s", boundaries: doublingFrom(0.01, 14) } as const;
const ofCall = [
  "gen_ai.operation.name",
  "gen_ai.provider.name",
  "gen_ai.request.model",
  "switchyard.backend",
] as const;
const ofPlace = ["switchyard.route", "switchyard.tenant"] as const;
const clientCall = { required: ofCall, optional: ofPlace } as const;
const serverCall = {
  required: ["gen_ai.operation.name", "gen_ai.provider.name"],
  optional: ["gen_ai.request.model", ...ofPlace],
} as const;
const plain = { required: [], optional: [] } as const;

export const metrics = {
  "gen_ai.client.token.usage": {
    ...clientCall,
    kind: "histogram",
    unit: "{token}",
    boundaries: growingFrom(1, 4, 14),
    required: [...ofCall, "gen_ai.token.type"],
    description: "Tokens of an attempt",
  },
  "gen_ai.client.operation.duration": {
    ...durations,
    ...clientCall,
    optional: [...ofPlace, "error.type", "switchyard.attempt.cancelled"],
    description: "Duration of an attempt",
  },
  "gen_ai.client.operation.time_to_first_chunk": {
    ...durations,
    ...clientCall,
    description: "Time to the first chunk of a streamed attempt",
  },
  "gen_ai.client.operation.time_per_output_chunk": {
    ...durations,
    ...clientCall,
    description: "Time between chunks of a streamed attempt, as its mean for each later chunk",
  },
  "gen_ai.server.request.duration": {
    ...durations,
    ...serverCall,
    optional: [...serverCall.optional, "error.type"],
    description: "Duration of a request for which a provider was called",
  },
  "gen_ai.server.time_to_first_token": {
    ...durations,
    ...serverCall,
    description: "Time to the first token sent to the client",
  },
  "switchyard.requests": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.outcome"],
    optional: [...ofPlace, "gen_ai.operation.name", "error.type"],
    description: "Requests, by outcome and by the error that the client got",
  },
  "switchyard.request.overhead": {
    kind: "histogram",
    unit: "s",
    boundaries: doublingFrom(0.000125, 14),
    required: [],
    optional: ["switchyard.route"],
    description: "What Switchyard adds to a request: its time without its attempts'",
  },
  "switchyard.requests.active": {
    ...plain,
    kind: "gauge",
    unit: "{request}",
    description: "Requests under way",
  },
  "switchyard.requests.shed": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.shed.reason"],
    optional: [],
    description: "Requests that were refused for want of room, by what there was too much of",
  },
  "switchyard.callers.refused": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.refusal"],
    optional: [],
    description: "Requests whose caller was not let in, by reason",
  },
  "switchyard.issuer_keys.fetches": {
    kind: "counter",
    unit: "{fetch}",
    required: ["switchyard.fetch.outcome"],
    optional: [],
    description: "Fetches of a token issuer's keys, by outcome",
  },
  "switchyard.choices": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.reason"],
    optional: ["switchyard.route", "switchyard.plan.rollout"],
    description:
      "Requests by why their first candidate was chosen, and by the plan that they followed",
  },
  "switchyard.envelope.missed": {
    kind: "counter",
    unit: "{request}",
    required: [],
    optional: ofPlace,
    description: "Requests for which no eligible candidate was expected to keep the envelope",
  },
  "switchyard.fallbacks": {
    kind: "counter",
    unit: "{fallback}",
    required: ["switchyard.fallback.reason", "switchyard.backend"],
    optional: ["switchyard.route"],
    description: "Requests that left their first candidate, by it and the reason",
  },
  "switchyard.attempts": {
    kind: "counter",
    unit: "{attempt}",
    required: ["switchyard.backend", "switchyard.attempt.kind"],
    optional: ["switchyard.route", "error.type", "switchyard.attempt.cancelled"],
    description: "Attempts, by kind and error",
  },
  "switchyard.backend.state": {
    kind: "gauge",
    unit: "1",
    required: ["switchyard.backend", "switchyard.state"],
    optional: [],
    description: "1 for the state that a backend is in, 0 for the others",
  },
  "switchyard.backend.calls": {
    kind: "gauge",
    unit: "{call}",
    required: ["switchyard.backend"],
    optional: [],
    description: "Calls of a backend that are open",
  },
  "switchyard.backend.queued": {
    kind: "gauge",
    unit: "{request}",
    required: ["switchyard.backend"],
    optional: [],
    description: "Requests that wait for a place at a backend",
  },
  "switchyard.backend.ejections": {
    kind: "counter",
    unit: "{ejection}",
    required: ["switchyard.backend", "switchyard.ejection.reason"],
    optional: [],
    description: "How often a backend was ejected from all chains, by reason",
  },
  "switchyard.attempts.denied": {
    kind: "counter",
    unit: "{attempt}",
    required: ["switchyard.attempt.kind"],
    optional: ["switchyard.route"],
    description: "Attempts that were not made because the route's budget was used up",
  },
  "switchyard.would_refuse": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.bound"],
    optional: ofPlace,
    description: "Requests that a policy would have refused, were it enforced, by its bound",
  },
  "switchyard.would_divert": {
    kind: "counter",
    unit: "{request}",
    required: ["switchyard.bound"],
    optional: ofPlace,
    description: "Requests that another backend would have served, were the policy enforced",
  },
  "switchyard.hedges": {
    kind: "counter",
    unit: "{attempt}",
    required: ["switchyard.hedge.outcome", "switchyard.backend"],
    optional: ["switchyard.route"],
    description: "Hedges, by what became of them",
  },
  "switchyard.safety.verdicts": {
    kind: "counter",
    unit: "{verdict}",
    required: ["switchyard.filter.type", "switchyard.safety.stage", "switchyard.safety.action"],
    optional: [...ofPlace, "switchyard.safety.failure"],
    description: "What safety filters made of a request's texts, each once a stage",
  },
  "switchyard.safety.duration": {
    kind: "histogram",
    unit: "s",
    boundaries: doublingFrom(0.000015625, 18),
    required: ["switchyard.filter.type", "switchyard.safety.stage"],
    optional: [],
    description: "Time that a safety filter took for a request's texts of a stage",
  },
  "switchyard.cost_usd": {
    kind: "counter",
    unit: "{USD}",
    required: ["switchyard.backend"],
    optional: [...ofPlace, "switchyard.arm"],
    description:
      "What attempts and guardrails cost; those of a shadow or a judge are the route's, no tenant's",
  },
  "switchyard.saved_usd": {
    kind: "updowncounter",
    unit: "{USD}",
    required: [],
    optional: [...ofPlace, "switchyard.arm"],
    description:
      "What requests cost less than their baseline would have, negative where more; what shadows and judges cost is taken off",
  },
  "switchyard.baseline_cost_usd": {
    kind: "counter",
    unit: "{USD}",
    required: [],
    optional: [...ofPlace, "switchyard.arm"],
    description:
      "What the baseline would have cost for the requests that were compared with it: what is saved is a share of it",
  },
  ...tableMetrics,
  "switchyard.records.dropped": {
    ...plain,
    kind: "counter",
    unit: "{record}",
    description: "Records that could not be written",
  },
  "switchyard.metrics.overflowing": {
    kind: "gauge",
    unit: "1",
    required: ["switchyard.metric"],
    optional: [],
    description: "1 for each metric that has had more series than it may have",
  },
  ...labelMetrics,
  ...armMetrics,
  ...limitMetrics,
  ...driftMetrics,
  ...objectiveMetrics,
  ...operatorMetrics,
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof metrics;
