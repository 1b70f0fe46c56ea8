import type { ConditionType } from "./conditions.ts";
import type { Severity } from "./severity.ts";

export interface ReasonEntry {
  /** The condition that carries the reason. */
  condition: ConditionType;
  /** What the condition is then. */
  status: "True" | "False" | "Unknown";
  /** How bad it is; None where nothing is wrong. */
  severity: Severity | "None";
  meaning: string;
}

const good = (condition: ConditionType, meaning: string): ReasonEntry => ({
  condition,
  status: "True",
  severity: "None",
  meaning,
});

const refused = (meaning: string): ReasonEntry => ({
  condition: "Accepted",
  status: "False",
  severity: "Error",
  meaning,
});

const accepted = (meaning: string): ReasonEntry => ({
  condition: "Accepted",
  status: "True",
  severity: "Warning",
  meaning,
});

const warned = (
  condition: ConditionType,
  status: "True" | "False",
  meaning: string,
): ReasonEntry => ({
  condition,
  status,
  severity: "Warning",
  meaning,
});

/** Every reason that a finding or a condition may have. Names are for keeps: people's alerts match on them. */
export const reasons = {
  Accepted: good("Accepted", "The resource is valid and is used."),
  Invalid: refused("The resource breaks a rule of its schema."),
  NotImplemented: refused(
    "The resource asks for a restriction that this release does not enforce.",
  ),
  NotEnforced: accepted("The resource has a field that this release does not act upon."),
  Conflicted: refused("An older policy has the same subject."),
  SharedStoreRequired: refused(
    "A budget is to be enforced over several routers, and they have no store in common.",
  ),
  EndpointNotAllowed: refused(
    "The backend's endpoint, or the address of a token issuer's keys, is not on the allow list of the router class, or is refused.",
  ),
  RoleNotAllowed: refused("The backend's role is not on the allow list of the router class."),
  ClassNotFound: refused(
    "The route's router class is not in the operator's configuration, so no router serves the route.",
  ),
  TableTooLarge: refused(
    "The part of the table that holds the resource is larger than what can be published, and this is among its largest.",
  ),
  ModelNameTaken: refused("An older route of the group has one of the model names."),
  EmbeddingsMismatch: refused(
    "The candidates of an Embeddings route are not one model with one number of dimensions.",
  ),
  CapabilityMismatch: refused("A candidate cannot do what the route's type asks for."),
  BaselineNotPermitted: accepted(
    "A tenant may not use the baseline of a route, and gets the best that it may use.",
  ),
  ClusterIssuerUnknown: accepted(
    "A subject is a ServiceAccount, and there is no cluster whose tokens could be verified: it lets nobody in.",
  ),
  NothingSelected: accepted("The policy's selector chooses no route."),
  NothingPermitted: accepted("A tenant may call a route, and may use none of its candidates."),
  EnvelopeUnreachable: accepted(
    "By what is expected of them, no candidate can serve within the bounds.",
  ),
  LimitOutOfReach: accepted(
    "A budget of the policy is never used up, because another limit of it stops the tenant before.",
  ),
  LimitTooSmall: accepted("A limit of the policy has no room for a single usual request."),
  NobodyAdmitted: accepted("No subject of the policy, or none of its keys at present, is let in."),
  SubjectsOverlap: accepted(
    "A caller may match subjects of two policies; the older one has it then.",
  ),
  BackendNotUsed: accepted(
    "The policy allows a backend that is a candidate on none of the routes that it may call.",
  ),
  FilterNotRun: accepted("The policy demands a filter that has nothing to look at on a route."),
  NotCertified: accepted(
    "The route wants a certificate before it leaves its baseline, and has none: the baseline serves although a candidate costs less.",
  ),
  PlanNotFollowed: accepted(
    "What a plan rests on has changed, or was never there, so nobody follows it: the route's pooled plan, else the baseline.",
  ),
  PlanKept: accepted(
    "A ConfigMap of plans is not valid, so a plan is followed as it was published before.",
  ),
  SecondClassifier: accepted(
    "Another route of the group has a classifier of its own, and there is room for one: what comes with Switchyard judges this route.",
  ),
  DriftUnwatched: accepted(
    "The route is to be watched for drift, and its router class names nothing to look at.",
  ),
  LongerThanDrain: accepted(
    "The route lets a request take longer than a router of its class, once it is to stop, waits for it.",
  ),
  ProcessingRegionsUnknown: accepted(
    "The backend does not say where its model processes requests, so no tenant with residency is served by it.",
  ),

  ResolvedRefs: good("ResolvedRefs", "Everything that the resource refers to exists."),
  BackendNotFound: warned(
    "ResolvedRefs",
    "False",
    "A backend that is referred to does not exist; it is left out.",
  ),
  BackendInvalid: warned(
    "ResolvedRefs",
    "False",
    "A backend that is referred to is invalid; it is left out.",
  ),
  ClassifierNotFound: warned(
    "ResolvedRefs",
    "False",
    "The ConfigMap of the route's classifier does not exist, or is not labelled as one; what comes with Switchyard judges.",
  ),
  ClassifierInvalid: warned(
    "ResolvedRefs",
    "False",
    "The ConfigMap of the route's classifier holds none that can be used; the one published before judges, or what comes with Switchyard.",
  ),
  GoldenSetNotFound: warned(
    "ResolvedRefs",
    "False",
    "The ConfigMap of the route's golden set does not exist, or is not labelled as one; its questions are not asked.",
  ),
  JudgeNotFound: warned(
    "ResolvedRefs",
    "False",
    "The route that is to judge shadows' answers does not exist or cannot; no shadows are sent.",
  ),

  Programmed: good("Programmed", "Every ready router has loaded this generation."),
  NotProgrammed: warned(
    "Programmed",
    "False",
    "No router is ready, or one of them has not loaded this generation.",
  ),
  NotPublished: warned(
    "Programmed",
    "False",
    "The table that holds this generation could not be published; routers keep the one before it.",
  ),
  ApplyFailed: warned(
    "Programmed",
    "False",
    "No router is ready, and an object that routers need could not be applied.",
  ),
  Unused: warned(
    "Programmed",
    "False",
    "No route needs the resource, so no router has been told of it.",
  ),

  Ready: good("Ready", "The resource does what it is there for."),
  NoCandidates: {
    condition: "Ready",
    status: "False",
    severity: "Error",
    meaning: "The route has no candidate left.",
  },
  NotAccepted: {
    condition: "Ready",
    status: "False",
    severity: "Error",
    meaning: "The resource is not accepted, and no earlier form of it serves.",
  },
  NotServing: warned("Ready", "False", "No router that is ready serves the resource yet."),
  KeptPublished: warned(
    "Ready",
    "True",
    "This generation is not accepted; the form that was published before it still serves.",
  ),
  Paused: warned(
    "Ready",
    "True",
    "The annotation switchyard.dev/paused freezes the route in its published form.",
  ),

  Reconciling: warned("Reconciling", "True", "The operator is still at work on this generation."),
  NotReconciled: warned(
    "Reconciling",
    "True",
    "The operator could not look after the route's group, which routers serve as before; it tries again.",
  ),
  Stalled: {
    condition: "Stalled",
    status: "True",
    severity: "Error",
    meaning: "Waiting will not mend this generation: it must be changed.",
  },
  EnvelopeMissed: warned(
    "EnvelopeMissed",
    "True",
    "Requests of the route are served outside of its envelope.",
  ),
  EnvelopeKept: {
    condition: "EnvelopeMissed",
    status: "False",
    severity: "None",
    meaning: "The route's requests are served within its envelope.",
  },
  LatencyDrifted: warned(
    "LatencyDrift",
    "True",
    "Latency has moved further than the route's bounds allow.",
  ),
  LatencyWithinBounds: {
    condition: "LatencyDrift",
    status: "False",
    severity: "None",
    meaning: "Latency has not moved further than the route's bounds allow.",
  },
  AccuracyDrifted: warned(
    "AccuracyDrift",
    "True",
    "Accuracy has fallen further than the route's bounds allow.",
  ),
  PinnedToBaseline: warned(
    "AccuracyDrift",
    "True",
    "All traffic goes to the baseline, until the other backends are seen to keep the floor again, or the annotation switchyard.dev/unpin.",
  ),
  AccuracyWithinBounds: {
    condition: "AccuracyDrift",
    status: "False",
    severity: "None",
    meaning: "Accuracy has not fallen further than the route's bounds allow.",
  },
  InsufficientData: {
    condition: "LatencyDrift",
    status: "Unknown",
    severity: "None",
    meaning:
      "Too few requests, labels or days to tell. AccuracyDrift and EnvelopeMissed have this reason too.",
  },
} as const satisfies Record<string, ReasonEntry>;

export type Reason = keyof typeof reasons;
