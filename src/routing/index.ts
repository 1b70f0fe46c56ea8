// Which backends may serve a request, what each would cost and take, and in which order they are
// tried. Owns a request's needs, the hard limits, the estimates, live latency, cost, and the choice.
// It is pure but for the latency book and the backends' health, which live in memory and are handed
// their clock. It makes no call, reads no header, and knows neither providers nor HTTP. Features and
// the classifier are here too: one featuriser for training and serving, the model's file, the scores.
export { BackendHealth, type HealthChange, type HealthTicket } from "./backend-health.ts";
export { choose } from "./choose.ts";
export type { ChoiceInput, Draws } from "./choice-input.ts";
export {
  choiceReasons,
  type ChainLink,
  type Choice,
  type ChoiceReason,
  type ConfidenceSource,
  type Considered,
} from "./choice.ts";
export { type Candidate } from "./candidate.ts";
export { decideAmong, type DecisionField } from "./decide-among.ts";
export { type CircuitState, type EjectionReason } from "./circuit.ts";
export { usualCost, costOf, isPaidByTheHour, ownGuardrailCost, ownGuardrailUnits } from "./cost.ts";
export { charactersPerToken } from "./count-tokens.ts";
export { downgrade } from "./downgrade.ts";
export { effectiveEnvelope, keepsEnvelope } from "./envelope.ts";
export { estimate, expectedCostPicoUsd, type Estimates } from "./estimate.ts";
export { estimateByTier } from "./estimate-by-tier.ts";
export type { Estimator, Judgement } from "./estimator.ts";
export {
  explain,
  type ExplainedCandidate,
  type ExplainedPlan,
  type Explanation,
} from "./explain.ts";
export { dropOf, permits, type Drop, type LimitName } from "./hard-limits.ts";
export { LatencyBook, type AttemptSample } from "./latency-book.ts";
export { type NoCandidate } from "./no-candidate.ts";
export { isObserved } from "./is-observed.ts";
export { wouldDivert, wouldRefuse } from "./observed-policy.ts";
export { isSlowAnswer, isSlowStart } from "./slowness.ts";
export { needsOf, type RequestFeatures, type RequestNeeds } from "./request-needs.ts";
export { hedgeDelayMs, patienceMs, type Prospect } from "./usual-waits.ts";
export { planFor, type FollowedPlan, type PlanRefusal } from "./plan/followed-plan.ts";
export { valueUnder } from "./plan/value-under.ts";
export { chanceOf, type Ability } from "./classifier/ability.ts";
export { ClassifierEstimator } from "./classifier/classifier-estimator.ts";
export { Classifier, type RoutePrior, type Scores } from "./classifier/classifier.ts";
export { decide } from "./classifier/decide.ts";
export {
  decodeModel,
  encodeModel,
  modelDigest,
  type ModelError,
  type ModelErrorCode,
} from "./classifier/model-file.ts";
export { modelVersion, type ClassifierModel, type ModelHeader } from "./classifier/model.ts";
export { smoothedPrior, trainedPrior, type RouteTally } from "./classifier/route-prior.ts";
export { denseCount, denseNames } from "./features/dense.ts";
export { featureHash } from "./features/feature-hash.ts";
export { FeatureVector, slotCount } from "./features/feature-vector.ts";
export { Featuriser } from "./features/featuriser.ts";
export { plainQuestion, type Question } from "./features/question.ts";
export { supportOf, type Support, type Watched } from "./features/unfamiliar.ts";
