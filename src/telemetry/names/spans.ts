import type { AttributeName } from "./attributes.ts";

interface SpanSpec {
  name: string;
  kind: "SERVER" | "INTERNAL" | "CLIENT";
  parent: string;
  required: readonly AttributeName[];
  optional: readonly AttributeName[];
}

export const spans = {
  request: {
    name: "{http.request.method} {http.route}",
    kind: "SERVER",
    parent: "the caller's span, if `traceparent` names one",
    required: [
      "http.request.method",
      "url.path",
      "url.scheme",
      "http.response.status_code",
      "server.address",
      "server.port",
      "network.protocol.version",
      "http.request.body.size",
      "http.response.body.size",
      "switchyard.request.id",
      "switchyard.outcome",
    ],
    optional: ["http.route", "error.type", "switchyard.sampled_by"],
  },
  route: {
    name: "switchyard.route",
    kind: "INTERNAL",
    parent: "request",
    required: [
      "switchyard.namespace",
      "switchyard.class",
      "switchyard.candidates",
      "switchyard.envelope.missed",
      "switchyard.cost_usd",
    ],
    optional: [
      "switchyard.route",
      "switchyard.tenant",
      "switchyard.subject.type",
      "switchyard.table.digest",
      "switchyard.chosen",
      "switchyard.reason",
      "switchyard.fallback.reason",
      "switchyard.would_refuse",
      "switchyard.would_divert",
      "switchyard.confidence",
      "switchyard.baseline_cost_usd",
      "error.type",
    ],
  },
  safety: {
    name: "switchyard.safety",
    kind: "INTERNAL",
    parent: "request",
    required: [
      "switchyard.filter.name",
      "switchyard.filter.type",
      "switchyard.filter.owner",
      "switchyard.safety.stage",
      "switchyard.safety.action",
      "switchyard.safety.rules",
    ],
    optional: ["switchyard.safety.failure", "error.type"],
  },
  measured: {
    name: "switchyard.{switchyard.arm}",
    kind: "INTERNAL",
    parent: "none: a trace of its own, linked to the request's span",
    required: [
      "switchyard.namespace",
      "switchyard.class",
      "switchyard.request.id",
      "switchyard.prompt.id",
      "switchyard.arm",
      "switchyard.cost_usd",
    ],
    optional: ["switchyard.route", "switchyard.tenant", "switchyard.table.digest", "error.type"],
  },
  attempt: {
    name: "{gen_ai.operation.name} {gen_ai.request.model}",
    kind: "CLIENT",
    parent: "route, or measured",
    required: [
      "gen_ai.operation.name",
      "gen_ai.provider.name",
      "gen_ai.request.model",
      "server.address",
      "server.port",
      "gen_ai.request.stream",
      "cloud.region",
      "switchyard.backend",
      "switchyard.attempt.kind",
      "switchyard.attempt.number",
    ],
    optional: [
      "gen_ai.request.max_tokens",
      "gen_ai.request.temperature",
      "gen_ai.request.top_p",
      "gen_ai.request.stop_sequences",
      "gen_ai.response.id",
      "gen_ai.response.model",
      "gen_ai.response.finish_reasons",
      "gen_ai.response.time_to_first_chunk",
      "gen_ai.usage.input_tokens",
      "gen_ai.usage.output_tokens",
      "gen_ai.usage.cache_read.input_tokens",
      "gen_ai.usage.cache_creation.input_tokens",
      "gen_ai.usage.reasoning.output_tokens",
      "error.type",
      "http.response.status_code",
      "aws.request_id",
      "aws.bedrock.guardrail.id",
      "switchyard.attempt.cancelled",
      "switchyard.cost_usd",
    ],
  },
} as const satisfies Record<string, SpanSpec>;
