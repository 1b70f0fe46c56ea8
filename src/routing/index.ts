// Which backends may serve a request, what each would cost and take, and in which order they are
// tried. Owns a request's needs, the hard limits, the estimates, live latency, cost, and the choice.
// It is pure but for the latency book and the backends' health, which live in memory and are handed
// their clock. It makes no call, reads no header, and knows neither providers nor HTTP.
export { BackendHealth, type HealthChange, type HealthTicket } from "./backend-health.ts";
export { choose, type ChoiceInput } from "./choose.ts";
export {
  choiceReasons,
  type ChainLink,
  type Choice,
  type ChoiceReason,
  type ConfidenceSource,
  type Considered,
} from "./choice.ts";
export { type CircuitState, type EjectionReason } from "./circuit.ts";
export { baselineCost, costOf, isPaidByTheHour } from "./cost.ts";
export { effectiveEnvelope, keepsEnvelope } from "./envelope.ts";
export { estimate, type Estimates } from "./estimate.ts";
export { estimateByTier, type Estimator } from "./estimate-by-tier.ts";
export { dropOf, permits, type Drop, type LimitName } from "./hard-limits.ts";
export { LatencyBook, type AttemptSample } from "./latency-book.ts";
export { type NoCandidate } from "./no-candidate.ts";
export { isObserved } from "./is-observed.ts";
export { wouldDivert, wouldRefuse } from "./observed-policy.ts";
export { isSlowAnswer, isSlowStart } from "./slowness.ts";
export { needsOf, type RequestFeatures, type RequestNeeds } from "./request-needs.ts";
export { hedgeDelayMs, patienceMs, type Prospect } from "./usual-waits.ts";
