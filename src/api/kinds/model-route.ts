import { z } from "zod";
import { envelope } from "./envelope.ts";
import { invariants, transition, type Invariant } from "./invariant.ts";
import { keyedList, list, set } from "./lists.ts";
import {
  arms,
  candidate,
  classifier,
  drift,
  fallback,
  quality,
  selection,
} from "./route-members.ts";
import { safetyFilter } from "./safety-filter.ts";
import { label, reference } from "./scalars.ts";

const modelName = z
  .string()
  .max(128)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/,
    "write letters, digits and . _ : / @ -, beginning with a letter or digit",
  );

const routerClass = transition(
  label(40)
    .default("default")
    .describe(
      "The class of router that serves the route, a named set-up in the operator's configuration. It cannot be changed. Default default.",
    ),
  {
    cel: "self == oldSelf",
    message:
      "routerClass cannot be changed: create a route of another name with the new class, then delete this one.",
  },
);

const fields = z
  .strictObject({
    type: z
      .enum(["Chat", "Embeddings"])
      .default("Chat")
      .describe("What clients ask of the route: Chat completions or Embeddings. Default Chat."),
    routerClass,
    models: set(modelName.describe("A model name."), { min: 1, max: 32 }).describe(
      "The names that clients send as model. They are unique among the routes of a namespace and class: the older route wins a clash.",
    ),
    access: z
      .enum(["Tenants", "Anonymous"])
      .default("Tenants")
      .describe(
        "Who may call: Tenants wants a key that a TenantPolicy knows, Anonymous nobody's. Default Tenants.",
      ),
    envelope: envelope
      .describe(
        "The bounds that a request is to be served within; the cheapest candidate inside them is taken.",
      )
      .prefault({}),
    quality: quality.prefault({}),
    baseline: reference("The name of a ModelBackend among the candidates.")
      .describe(
        "The candidate that quality and savings are measured against, and that serves where nothing cheaper is sure enough. Required where selection is CheapestWithinEnvelope or drift.onAccuracyDrift PinBaseline; otherwise the first candidate if absent.",
      )
      .exactOptional(),
    selection: selection.prefault({}),
    candidates: list(candidate, { min: 1, max: 16 }).describe(
      "The backends that may serve the route, at most 16. Their order counts where selection is Ordered, and decides ties.",
    ),
    arms: arms.exactOptional(),
    fallback: fallback.prefault({}),
    safety: keyedList(safetyFilter, { key: "name", max: 32 })
      .describe("The filters that inspect the route's requests and answers, in their order.")
      .exactOptional(),
    classifier: classifier.prefault({}),
    drift: drift.exactOptional(),
  })
  .describe(
    "What applications call: the model names, the bounds of their requests, and the backends that may serve them.",
  );

type Fields = z.output<typeof fields>;

const names = (spec: Fields): string[] => spec.candidates.map((each) => each.backend.name);

const leansOnBaseline = ({ selection, quality: { assurance } }: Fields): boolean =>
  selection.type === "CheapestWithinEnvelope" && assurance === "Certified";

const shareBoundOf = (spec: Fields, name: string | undefined): number | undefined =>
  spec.candidates.find((each) => each.backend.name === name)?.maxSharePercent;

const rules: readonly Invariant<Fields>[] = [
  {
    cel: "self.candidates.all(c, self.candidates.exists_one(d, d.backend.name == c.backend.name))",
    message: "Name each backend once among the candidates; a weight says how often it is drawn.",
    at: "candidates",
    holds: (spec) => new Set(names(spec)).size === spec.candidates.length,
  },
  {
    cel: "!has(self.baseline) || self.candidates.exists(c, c.backend.name == self.baseline.name)",
    message: "Name one of the candidates as baseline, or add the baseline to the candidates.",
    at: "baseline",
    holds: (spec) => spec.baseline === undefined || names(spec).includes(spec.baseline.name),
  },
  {
    cel: "self.selection.type != 'CheapestWithinEnvelope' || has(self.baseline)",
    message:
      "Set baseline to the candidate that quality is measured against; selection CheapestWithinEnvelope needs it.",
    holds: (spec) =>
      spec.selection.type !== "CheapestWithinEnvelope" || spec.baseline !== undefined,
  },
  {
    cel: "!has(self.drift) || self.drift.onAccuracyDrift != 'PinBaseline' || has(self.baseline)",
    message:
      "Set baseline to the candidate that serves while accuracy has drifted, or drift.onAccuracyDrift to Report: PinBaseline needs a baseline.",
    holds: ({ drift: watched, baseline }) =>
      watched?.onAccuracyDrift !== "PinBaseline" || baseline !== undefined,
  },
  {
    cel: "self.selection.type != 'Weighted' || self.candidates.all(c, has(c.weight))",
    message:
      "Give every candidate a weight where selection is Weighted; 0 serves only as a fallback.",
    at: "candidates",
    holds: (spec) =>
      spec.selection.type !== "Weighted" ||
      spec.candidates.every((each) => each.weight !== undefined),
  },
  {
    cel: "self.selection.type != 'Weighted' || self.candidates.exists(c, has(c.weight) && c.weight > 0)",
    message: "Give at least one candidate a weight above 0 where selection is Weighted.",
    at: "candidates",
    holds: (spec) =>
      spec.selection.type !== "Weighted" || spec.candidates.some((each) => (each.weight ?? 0) > 0),
  },
  {
    cel: "self.candidates.map(c, has(c.maxSharePercent) ? c.maxSharePercent : 100).sum() >= 100",
    message:
      "Let the candidates' maxSharePercent come to 100 or more together, so that every request has a place: raise one, or leave it out.",
    at: "candidates",
    holds: (spec) =>
      spec.candidates.reduce((sum, each) => sum + (each.maxSharePercent ?? 100), 0) >= 100,
  },
  {
    cel: "self.selection.type != 'CheapestWithinEnvelope' || self.quality.assurance != 'Certified' || !has(self.baseline) || self.candidates.all(c, c.backend.name != self.baseline.name || !has(c.maxSharePercent))",
    message:
      "Leave the baseline's maxSharePercent out where assurance is Certified: whatever no certificate covers is the baseline's, all requests if need be.",
    at: "candidates",
    holds: (spec) =>
      !leansOnBaseline(spec) || shareBoundOf(spec, spec.baseline?.name) === undefined,
  },
];

export const modelRouteSpec = invariants(fields, rules);

export type ModelRouteSpec = z.output<typeof modelRouteSpec>;
