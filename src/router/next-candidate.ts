import { permits } from "../routing/index.ts";
import type { BackendEntry } from "../table/index.ts";
import { nextStep, type Step } from "./next-step.ts";
import type { RouterParts } from "./parts.ts";
import type { RoutedRequest } from "./route-stage.ts";

/**
 * The next step of a request down its chain. The tenant's limits, the request's needs and the
 * backends' health are looked at again before every attempt.
 */
export function nextCandidate(routed: RoutedRequest, { health }: RouterParts): Step | undefined {
  const { attempts, choice, needs, tenant, route } = routed;
  const permitted = (backend: BackendEntry) => permits(backend, needs, tenant);
  const chain: BackendEntry[] = [];
  for (const { backend } of choice.chain) {
    if (health.admits(backend) && permitted(backend)) chain.push(backend);
  }
  const step = nextStep({ chain, attempts, fallback: route.fallback });
  // One attempt at an ejected backend is better than an error; more would multiply an outage.
  if (step !== undefined || attempts.some(({ ticket }) => ticket?.lastResort)) return step;
  const tried = new Set(attempts.map(({ backend }) => backend.name));
  const ejected = [...choice.chain.map(({ backend }) => backend), ...choice.ejected].filter(
    (backend) => !chain.includes(backend) && permitted(backend),
  );
  const resort =
    health.lastResort(ejected.filter(({ name }) => !tried.has(name))) ??
    ejected.find(({ name }) => name === attempts.at(-1)?.backend.name);
  if (resort === undefined) return undefined;
  return nextStep({ chain: [resort], attempts, fallback: route.fallback });
}
