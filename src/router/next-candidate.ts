import { permits } from "../routing/index.ts";
import { nextStep, type Denied, type Situation, type Step } from "./next-step.ts";
import type { RouterParts } from "./parts.ts";
import type { RoutedRequest } from "./route-stage.ts";

/**
 * The next step of a request down its chain, or at an ejected candidate where there is no other: a
 * fallback to a backend that is known to fail, which the route's budget bounds as it bounds retries.
 */
export function nextCandidate(
  routed: RoutedRequest,
  situation: Situation,
  { health }: RouterParts,
): Step | Denied | undefined {
  const { choice, needs, tenant } = routed;
  const { chain, attempts } = situation;
  const regular = nextStep(situation);
  // One attempt at an ejected backend is better than an error; more would multiply an outage.
  if (regular !== undefined || attempts.some(({ ticket }) => ticket?.lastResort)) return regular;
  const tried = new Set(attempts.map(({ backend }) => backend.name));
  const ejected = [...choice.chain.map(({ backend }) => backend), ...choice.ejected].filter(
    (backend) => !chain.includes(backend) && permits(backend, needs, tenant),
  );
  const last = attempts.findLast(({ superseded }) => !superseded);
  const resort =
    health.lastResort(ejected.filter(({ name }) => !tried.has(name))) ??
    ejected.find(({ name }) => name === last?.backend.name);
  const step = resort && nextStep({ ...situation, chain: [resort] });
  const isFallback = step !== undefined && "kind" in step && step.kind === "fallback";
  return isFallback && !situation.hasBudget ? { denied: "fallback" } : step;
}
