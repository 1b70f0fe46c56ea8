import { permits } from "../routing/index.ts";
import type { Attempt } from "./attempt.ts";
import { lastEnded, nextStep, type Denied, type Situation, type Step } from "./next-step.ts";
import type { RouterParts } from "./parts.ts";
import type { RoutedRequest } from "./route-stage.ts";

/**
 * The next step of a request down its chain, or where there is no other at a candidate that is full or
 * ejected: a fallback to a backend that is known to fail, which the route's budget bounds as it bounds
 * retries.
 */
export function nextCandidate(
  routed: RoutedRequest,
  situation: Situation,
  { health }: RouterParts,
): Step | Denied | undefined {
  const { choice, needs, tenant } = routed;
  const { chain, attempts } = situation;
  const regular = nextStep(situation);
  if (regular !== undefined || attempts.some(wasLast)) return regular;
  const tried = new Set(attempts.map(({ backend }) => backend.name));
  const away = [...choice.chain.map(({ backend }) => backend), ...choice.away].filter(
    (backend) => !chain.includes(backend) && permits(backend, needs, tenant),
  );
  const last = lastEnded(attempts);
  const resort =
    health.lastResort(away.filter(({ name }) => !tried.has(name))) ??
    away.find(({ name }) => name === last?.backend.name);
  const step = resort && nextStep({ ...situation, chain: [resort] });
  const isFallback = step !== undefined && "kind" in step && step.kind === "fallback";
  return isFallback && !situation.hasBudget ? { denied: "fallback" } : step;
}

/**
 * One attempt at an ejected backend is better than an error; more would multiply an outage. And a
 * request that finds all places taken is told so at once.
 */
function wasLast({ ticket, error }: Attempt): boolean {
  return ticket?.lastResort === true || error?.code === "backend_busy";
}
