import type { BackendEntry, Capability, RouteEntry, TenantEntry } from "../table/index.ts";
import { isAbsence, type Considered } from "./choice.ts";
import { followsSchemas, limitNames, roomNeeded, type LimitName } from "./hard-limits.ts";
import type { RequestNeeds } from "./request-needs.ts";

/** Every candidate of a route breaks a hard limit. */
export interface NoCandidate {
  limit: LimitName;
  /** A code of the API's own errors, which knows its status. */
  code: "no_candidate" | "no_backend" | "route_type_mismatch" | "context_length_exceeded";
  /** The field of the request at fault, where there is one. */
  param?: string;
  /** For the client: names the limit and what to do, and no backend. */
  message: string;
}

export function wrongType(route: RouteEntry): NoCandidate {
  const right =
    route.type === "Chat"
      ? "chat completions: send the request to /v1/chat/completions"
      : "embeddings: send the request to /v1/embeddings";
  return {
    limit: "request_type",
    code: "route_type_mismatch",
    param: "model",
    message: `This model serves ${right}, or name another model.`,
  };
}

/**
 * Speaks of the limit that the nearest candidates break: those that came farthest in the order of the
 * checks. So nothing is told of backends that the tenant may not use anyway.
 */
export function explainNoCandidate(
  considered: readonly Considered[],
  needs: RequestNeeds,
  tenant: TenantEntry | null,
): NoCandidate {
  if (considered.length === 0) return noBackend;
  let farthest = 0;
  for (const { dropped } of considered) {
    // Who is merely away may serve: one of those would have been taken.
    if (dropped === undefined || isAbsence(dropped)) continue;
    farthest = Math.max(farthest, limitNames.indexOf(dropped.limit));
  }
  const limit = limitNames[farthest] ?? "context";
  const nearest = considered
    .filter(({ dropped }) => dropped?.limit === limit)
    .map(({ backend }) => backend);
  // Clients shorten the conversation and try again when they see OpenAI's own code for it.
  const code = limit === "context" ? "context_length_exceeded" : "no_candidate";
  return { limit, code, ...advice[limit]({ nearest, needs, tenant }) };
}

/** The route stands without a single backend: nothing that the client could change. */
const noBackend: NoCandidate = {
  limit: "request_type",
  code: "no_backend",
  param: "model",
  message:
    "No backend stands behind this model at present: name another model, or ask whoever keeps the route.",
};

interface Refused {
  nearest: readonly BackendEntry[];
  needs: RequestNeeds;
  tenant: TenantEntry | null;
}

type Advice = (refused: Refused) => { message: string; param?: string };

const askThem = "ask whoever keeps your tenant's policy";

const advice: Record<LimitName, Advice> = {
  request_type: () => ({
    message: "This model does not serve requests of this type.",
    param: "model",
  }),
  allowed_backends: () => ({
    message: `Your tenant may use none of the backends behind this model: name another model, or ${askThem} to allow one.`,
    param: "model",
  }),
  residency: ({ tenant }) => ({
    message: `Nothing behind this model that you may use is known to process data only in the regions that your tenant allows (${listed(tenant?.residencyRegions)}): name another model, or ${askThem}.`,
    param: "model",
  }),
  data_classes: ({ tenant }) => ({
    message: `Nothing behind this model that you may use is cleared for all of your tenant's data classes (${listed(tenant?.dataClasses)}): name another model, or ${askThem}.`,
    param: "model",
  }),
  capability: ({ nearest, needs }) => lackOf(nearest, needs),
  dimensions: ({ nearest, needs }) => ({
    message: `This model does not give vectors of ${needs.dimensions} dimensions: leave dimensions out${offered(nearest)}.`,
    param: "dimensions",
  }),
  max_output_tokens: ({ nearest, needs }) => ({
    message: `The request asks for up to ${needs.maxOutputTokens} tokens of output, and this model gives at most ${largest(nearest, "maxOutputTokens")}: lower max_completion_tokens.`,
    param: "max_completion_tokens",
  }),
  context: ({ nearest, needs }) => ({
    message: `The request needs about ${roomNeeded(needs)} tokens of context (about ${needs.contextTokens} of input and ${needs.maxOutputTokens ?? "at least 1"} of output), and this model has room for ${largest(nearest, "contextWindow")}: shorten the input or lower max_completion_tokens.`,
    param: needs.type === "Chat" ? "messages" : "input",
  }),
};

const listed = (names: readonly string[] | null | undefined): string =>
  (names ?? []).join(", ") || "none";

function largest(
  backends: readonly BackendEntry[],
  field: "contextWindow" | "maxOutputTokens",
): number {
  return Math.max(...backends.map((backend) => backend[field]));
}

function offered(backends: readonly BackendEntry[]): string {
  const known = new Set(backends.flatMap(({ embeddingDimensions }) => embeddingDimensions ?? []));
  return known.size === 0 ? "" : `, or ask for ${[...known].join(" or ")}`;
}

const remedies: Record<Capability, { what: string; remedy: string; param: string }> = {
  Tools: { what: "tools", remedy: "send it without tools", param: "tools" },
  Vision: { what: "images", remedy: "send it without images", param: "messages" },
  Documents: { what: "documents", remedy: "send it without files", param: "messages" },
  JsonSchema: {
    what: "answers that follow a JSON schema",
    remedy: "send it without response_format",
    param: "response_format",
  },
  Reasoning: {
    what: "reasoning",
    remedy: "send it without reasoning_effort",
    param: "reasoning_effort",
  },
  PromptCaching: {
    what: "prompt caching",
    remedy: "send it without cache_control",
    param: "messages",
  },
  Streaming: { what: "streams", remedy: "send it with stream set to false", param: "stream" },
  Embeddings: { what: "embeddings", remedy: "name another model", param: "model" },
};

function lackOf(
  nearest: readonly BackendEntry[],
  needs: RequestNeeds,
): { message: string; param: string } {
  const missing = new Set<Capability>();
  for (const backend of nearest) {
    for (const needed of needs.capabilities) {
      if (!backend.capabilities.includes(needed)) missing.add(needed);
    }
    if (needs.schemaBound && !followsSchemas(backend)) missing.add("JsonSchema");
  }
  const lacks = [...missing].map((each) => remedies[each]);
  const what = lacks.map((lack) => lack.what).join(" and ");
  const together = lacks.length > 1 ? " together" : "";
  const remedy = lacks.map((lack) => lack.remedy).join(" or ");
  return {
    message: `Nothing behind this model that you may use takes ${what}${together}: ${remedy}, or name another model.`,
    param: lacks[0]?.param ?? "model",
  };
}
