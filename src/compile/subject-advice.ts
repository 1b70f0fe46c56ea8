import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";

interface Known {
  tenant: string;
  claim: string;
}

/**
 * Subjects of two policies that one token may match: of one issuer and audience, by different claims. Whoever
 * holds such a token is the older policy's caller, which the younger one's author may not expect.
 *
 * @param drafts by seniority
 */
export function overlappingSubjects(drafts: readonly Draft<TenantPolicySpec>[]): Finding[] {
  const known = new Map<string, Known[]>();
  return drafts.flatMap(({ ref, spec }) =>
    (spec?.subjects ?? []).flatMap(({ jwt }, index) => {
      if (jwt === undefined) return [];
      const key = JSON.stringify([jwt.issuer, jwt.audience]);
      const before = known.get(key) ?? [];
      known.set(key, [...before, { tenant: ref.name, claim: jwt.claim }]);
      const other = before.find(({ tenant, claim }) => tenant !== ref.name && claim !== jwt.claim);
      if (other === undefined) return [];
      const message = `A token of ${jwt.issuer} for ${jwt.audience} may match tenant ${ref.name} by its claim ${jwt.claim} and the older tenant ${other.tenant} by ${other.claim}, and then it is ${other.tenant}'s: tell both by one claim, or by audiences of their own.`;
      return [judge("SubjectsOverlap", ref, message, `spec.subjects[${index}].jwt.claim`)];
    }),
  );
}
