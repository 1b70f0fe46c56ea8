import { best, byQuality, byValue, type Candidate } from "../candidate.ts";
import type { Picked } from "../pick.ts";

/** Who may serve a request that follows a plan. At least one of `present`. */
export interface PlannedField {
  /** Inside the hard limits. */
  permitted: readonly Candidate[];
  /** Those of them that may be called now. */
  present: readonly Candidate[];
  baseline: string;
}

/**
 * What a plan chooses: the greatest value among all that it allows, whether or not they can be had now,
 * since that is the choice that its certificate is of. Where another has to stand in, for the envelope's
 * sake or because that one is away, it must be judged no worse; else the floor outranks the envelope, and
 * the baseline keeps the floor. Only where even that is away a worse one serves.
 *
 * @returns undefined where no hard limit leaves any that the plan allows
 */
export function pickPlanned(field: PlannedField): Picked | undefined {
  const { permitted, present } = field;
  const allowed = permitted.filter(isAllowed);
  const some = allowed[0];
  if (some === undefined) return undefined;
  const wanted = best(allowed, some, byValue);
  const isHere = present.includes(wanted);
  if (isHere && wanted.inEnvelope) return { first: wanted, reason: "planned" };
  const standIns = present.filter((each) => isAllowed(each) && each.p >= wanted.p);
  const inside = standIns.filter(({ inEnvelope }) => inEnvelope);
  const [standIn] = inside;
  if (standIn !== undefined) {
    return { first: best(inside, standIn, byValue), reason: isHere ? "planned" : "planned_away" };
  }
  if (isHere) return { first: wanted, reason: "envelope_missed" };
  return { first: insteadOf(standIns, field) ?? wanted, reason: "planned_away" };
}

/** Where what the plan chose is away: one as good outside the envelope, the baseline, or the best there is. */
function insteadOf(
  asGood: readonly Candidate[],
  { present, baseline }: PlannedField,
): Candidate | undefined {
  const [standIn] = asGood;
  if (standIn !== undefined) return best(asGood, standIn, byValue);
  const safe = present.find(({ backend }) => backend.name === baseline);
  if (safe !== undefined) return safe;
  const allowed = present.filter(isAllowed);
  const [one] = allowed.length > 0 ? allowed : present;
  return one && best(allowed.length > 0 ? allowed : present, one, byQuality);
}

function isAllowed({ value }: Candidate): boolean {
  return value !== null;
}
