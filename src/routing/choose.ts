import { err, ok, type Result } from "../lib/index.ts";
import { byWeight, fallbackOrder, type Candidate, type Compare } from "./candidate.ts";
import type { Choice, ChoiceReason, ConfidenceSource, Considered } from "./choice.ts";
import type { ChoiceInput } from "./choice-input.ts";
import { decideAmong, type Decided } from "./decide-among.ts";
import { judgeRequest, type JudgedRequest } from "./judged-request.ts";
import { explainNoCandidate, wrongType, type NoCandidate } from "./no-candidate.ts";
import type { FollowedPlan, PlanRefusal } from "./plan/followed-plan.ts";
import { pickBaseline } from "./pick.ts";
import { sift, withoutAway, type Sifted } from "./sift.ts";

/** Hard limits first, then the route's own way of choosing among what is left. */
export function choose(input: ChoiceInput): Result<Choice, NoCandidate> {
  const { route, needs, tenant } = input;
  if (route.type !== needs.type) return err(wrongType(route));
  const judged = judgeRequest(input);
  const considered: Considered[] = [];
  const permitted = sift(input, judged, considered);
  const sifted = withoutAway(permitted, considered, input);
  const only = sifted.present[0];
  if (only === undefined) return err(explainNoCandidate(considered, needs, tenant));
  const { chain, reason, plan, refusal, arm } = order({ input, judged, permitted, sifted, only });
  const first = chain[0] ?? only;
  return ok({
    chain,
    away: sifted.away,
    reason,
    envelopeMissed: !first.inEnvelope,
    confidence: first.p,
    confidenceSource: sourceOf(judged, plan),
    classifier: judged.classifier,
    unfamiliar: judged.judgement.unfamiliar,
    plan,
    planRefusal: refusal,
    arm,
    considered,
  });
}

function sourceOf({ judgement }: JudgedRequest, plan: FollowedPlan | null): ConfidenceSource {
  return plan === null ? judgement.source : "plan";
}

interface Setting {
  input: ChoiceInput;
  judged: JudgedRequest;
  permitted: readonly Candidate[];
  sifted: Sifted;
  only: Candidate;
}

interface Ordered {
  chain: readonly Candidate[];
  reason: ChoiceReason;
  plan: FollowedPlan | null;
  refusal: PlanRefusal | null;
  arm: Choice["arm"];
}

function order(setting: Setting): Ordered {
  const { input, judged, sifted, only } = setting;
  const { present } = sifted;
  const { refusal } = judged;
  if (input.route.pinned !== undefined) return pinned(setting);
  const unplanned = { plan: null, refusal, arm: null };
  const control = controlOf(input, present);
  if (control !== undefined) {
    const chain = lead(control, present, fallbackOrder(control));
    return { chain, reason: "control", plan: null, refusal, arm: "control" };
  }
  switch (input.route.selection) {
    case "Ordered":
      return { chain: present, reason: "ordered", ...unplanned };
    case "Weighted": {
      const drawn = draw(present, input.draws.weight) ?? only;
      return { chain: lead(drawn, present, byWeight), reason: "weighted", ...unplanned };
    }
    case "CheapestWithinEnvelope": {
      const { first, reason, ...rest } = pick(setting);
      return { chain: lead(first, present, fallbackOrder(first)), reason, ...rest, arm: null };
    }
  }
}

/** All that is known to be as good as it was; where it cannot be had, as on a route without a certificate. */
function pinned({ input: { route }, sifted, only }: Setting): Ordered {
  const { present, away } = sifted;
  const field = { route, present, only, away };
  const { first, reason } = pickBaseline(field, "pinned");
  const chain = lead(first, present, fallbackOrder(first));
  return { chain, reason, plan: null, refusal: null, arm: null };
}

/** The baseline, where the request is drawn for comparison with it. */
function controlOf(
  { route, draws }: ChoiceInput,
  present: readonly Candidate[],
): Candidate | undefined {
  if (draws.control * 100 >= (route.arms?.controlPercent ?? 0)) return undefined;
  return present.find(({ backend }) => backend.name === route.baseline);
}

/** `first`, then the others in order; ties keep the author's order. */
function lead(first: Candidate, candidates: readonly Candidate[], compare: Compare): Candidate[] {
  const chain = [first];
  for (const candidate of candidates) if (candidate !== first) insert(candidate, chain, compare);
  return chain;
}

/** Behind the first of the chain. So few are sooner inserted one by one than sorted. */
function insert(candidate: Candidate, chain: Candidate[], compare: Compare): void {
  let place = chain.length;
  for (; place > 1; place -= 1) {
    const before = chain[place - 1];
    if (before === undefined || compare(candidate, before) >= 0) break;
    chain[place] = before;
  }
  chain[place] = candidate;
}

/** One by the weights; undefined where every weight is zero, which is for fallbacks alone. */
function draw(candidates: readonly Candidate[], random: number): Candidate | undefined {
  let total = 0;
  for (const { weight } of candidates) total += weight;
  let left = random * total;
  for (const candidate of candidates) {
    left -= candidate.weight;
    if (left < 0) return candidate;
  }
  return undefined;
}

function pick(setting: Setting): Decided {
  const { input, judged, permitted, sifted, only } = setting;
  return decideAmong({
    route: input.route,
    permitted,
    present: sifted.present,
    away: sifted.away,
    only,
    baselineCorrect: baselineCorrect(setting),
    followed: judged.plan ?? judged.refusal ?? "plan_barred",
  });
}

/** Without its measure no floor can be kept but by the best there is. */
function baselineCorrect({ input, judged }: Setting): number {
  const measure = input.backends[input.route.baseline];
  return measure === undefined ? Infinity : judged.judgement.pCorrect(measure);
}
