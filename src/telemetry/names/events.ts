import type { AttributeName } from "./attributes.ts";

interface EventSpec {
  description: string;
  parent: string;
  required: readonly AttributeName[];
  optional: readonly AttributeName[];
}

/** What happens beside requests and is told one by one, as log records with an event's name. */
export const events = {
  "gen_ai.evaluation.result": {
    description: "A judgement of an answer: of a judging model, of a comparison, or of a client",
    parent:
      "the span whose answer was judged: `request`, or `measured` of a shadow's; none of feedback, which any router may take",
    required: [
      "gen_ai.evaluation.name",
      "gen_ai.evaluation.score.value",
      "gen_ai.evaluation.score.label",
      "switchyard.label.source",
      "switchyard.namespace",
      "switchyard.class",
      "switchyard.request.id",
      "switchyard.prompt.id",
    ],
    optional: ["gen_ai.response.id", "switchyard.route", "switchyard.tenant", "switchyard.backend"],
  },
} as const satisfies Record<string, EventSpec>;
