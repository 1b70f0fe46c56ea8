// The request path. Owns the HTTP servers, the pipeline from a request to its outcome, attempts and
// the chain, and the snapshot that requests take. Tables, providers, telemetry and sinks are handed
// in: it does not know where a table comes from, and nothing of Kubernetes or of the kinds.
export { AttemptBudgets } from "./attempt-budgets.ts";
export { BackendPlaces } from "./backend-places.ts";
export { CandidateShares } from "./candidate-shares.ts";
export { CertificateError } from "./certificate.ts";
export type { ExtendAdminPort, RouterParts } from "./parts.ts";
export { explainRequest, type ExplainWish } from "./explain-request.ts";
export { ignoredPlanProblems, ignoredPlans } from "./ignored-plans.ts";
export { FilterShelf, type MakeGuardrailFilter } from "./safety/filter-shelf.ts";
export { Shadows } from "./shadow/shadows.ts";
export { sourceProblems } from "./source-problems.ts";
export type { RouterSettings } from "./settings.ts";
export type { Snapshot } from "./snapshot.ts";
export { startRouter, type RunningRouter } from "./start-router.ts";
export { TableHolder, type OfferedTable } from "./table-holder.ts";
