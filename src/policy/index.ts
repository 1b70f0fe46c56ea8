// Training, certificates and the judging of policies, all offline. Owns labelled prompts and their
// reading, the training of a classifier, the bounds that a floor is certified by, and the evaluation
// beside baselines. It is pure: texts come in, models and figures go out; it reads no file and knows
// neither requests nor the cluster.
export { fitAbility, type AbilityLabel } from "./ability.ts";
export { fewestAbilityLabels, judgeAbility, type JudgedAbility } from "./judge-ability.ts";
export { meanLowerBound } from "./certify.ts";
export { evaluate, type Evaluation, type PolicyRow } from "./evaluate.ts";
export {
  floors,
  issuePolicies,
  priceDigest,
  readPolicies,
  type IssuedPolicies,
  type IssuedPolicy,
} from "./issue-policies.ts";
export { type GroupQuality } from "./group-quality.ts";
export { evaluateShipped, judgeShipped, type ShippedFindings } from "./judge-shipped.ts";
export { type LabelledPrompt, type TierMenu } from "./labelled-prompt.ts";
export { type Judged } from "./lambda-policy.ts";
export { LiveQualitySums, type LiveGroup, type LiveQuality } from "./live-quality.ts";
export { errorOf, type ReliabilityBin } from "./measures.ts";
export { evaluateNested, foldsUnder, nestedDefaults, nestedFold } from "./nested.ts";
export { judgeNewModels, type NewModel } from "./new-models.ts";
export { permuteLabels } from "./permute-labels.ts";
export { readLabels, readTierMenu } from "./read-labels.ts";
export { scorePrompts, type ScoredPrompt } from "./scored-prompt.ts";
export { countSeen, marksOf } from "./seen-prompts.ts";
export { simulateTenants, type TenantOutcomes } from "./simulate-tenants.ts";
export { trainModel, type Trained, type TrainOptions } from "./train-model.ts";
export { routePairs, unknownRoutes, type UnknownRoute } from "./unknown-routes.ts";
export { anyDrift, QualityWatch, type Gambler } from "./quality-watch.ts";
export { planGroup } from "./plans/plan-group.ts";
export {
  planDefaults,
  planFindings,
  type PlanFinding,
  type PlanInput,
  type PlanOutput,
  type PlanReport,
  type PlanSettings,
} from "./plans/plan-input.ts";
export { type PlanRow } from "./plans/plan-row.ts";
export { RowSample, type SampleBounds } from "./plans/row-sample.ts";
export { loadShareSolver } from "./plans/solve-shares.ts";
export { Replay, type ReplayReport } from "./replay/replay.ts";
export type { ReplayedGroup, ReplayedSide } from "./replay/route-sums.ts";
export { ReplayBasis } from "./replay/replay-basis.ts";
