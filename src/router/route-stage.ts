import { ApiError } from "../openai/index.ts";
import { choose, needsOf, wouldRefuse, type Choice, type RequestNeeds } from "../routing/index.ts";
import type { AdmittedRequest } from "./admit-stage.ts";
import type { Attempt, AttemptKind } from "./attempt.ts";
import type { RequestLimits } from "./request-limits.ts";
import type { RouterParts } from "./parts.ts";
import { classifierOf, planFor } from "./snapshot.ts";

export interface RoutedRequest extends AdmittedRequest {
  needs: RequestNeeds;
  choice: Choice;
  /** By the clock's `elapsed()`. */
  choosingBegan: number;
  choosingMs: number;
  /** Becomes the provider's request metadata. */
  metadata: Readonly<Record<string, string>>;
  /** Filled by the stages to come, in the order of the attempts' starts. */
  attempts: Attempt[];
  /** What the route's budgets last denied it. */
  denied: AttemptKind | null;
  /** Absent where the tenant has none. */
  limits?: RequestLimits;
}

/** @throws ApiError naming the limit that leaves no candidate */
export function route(admitted: AdmittedRequest, parts: RouterParts): RoutedRequest {
  const choosingBegan = parts.clock.elapsed();
  const { snapshot, tenant } = admitted;
  const { shares } = parts;
  shares.noteRequest(admitted.route);
  const needs = needsOf(admitted.asked.request);
  const choice = choose({
    route: admitted.route,
    backends: snapshot.table.backends,
    tenant,
    needs,
    estimator: classifierOf(snapshot, admitted.route),
    plan: planFor(snapshot, admitted.route, tenant),
    book: parts.book,
    health: parts.health,
    hasRoom: (backend) => parts.places.hasRoom(backend),
    hasShare: (backend) => shares.has(admitted.route, backend),
    draws: { weight: parts.random(), control: parts.random(), rollout: parts.random() },
    now: parts.clock.now(),
  });
  if (!choice.ok) {
    const { code, message, param } = choice.error;
    throw new ApiError(code, message, { param });
  }
  const [first] = choice.value.chain;
  if (first !== undefined) shares.spend(admitted.route, first.backend);
  admitted.wouldRefuse.push(...wouldRefuse(choice.value, admitted.tenant));
  const metadata: Record<string, string> = {
    request_id: admitted.requestId,
    route: admitted.route.name,
  };
  if (admitted.tenant !== null) metadata["tenant"] = admitted.tenant.name;
  const choosingMs = parts.clock.elapsed() - choosingBegan;
  return {
    ...admitted,
    needs,
    choice: choice.value,
    choosingBegan,
    choosingMs,
    metadata,
    attempts: [],
    denied: null,
  };
}
