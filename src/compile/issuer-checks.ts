import type { Finding, TenantPolicySpec } from "../api/index.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import type { ClassSettings } from "./settings.ts";
import { keysProblem, tokenOf } from "./token-subjects.ts";

/** Issuers whose keys the class does not let its routers fetch: the policy must not be served without asking them. */
export function refuseIssuers(
  { ref, spec, createdAt }: Draft<TenantPolicySpec>,
  settings: ClassSettings,
): Finding[] {
  return (spec?.subjects ?? []).flatMap((subject, index) => {
    const token = tokenOf(subject, createdAt, settings);
    const why = token && keysProblem(token, settings);
    if (why === undefined) return [];
    const field = subject.jwt?.jwksUri === undefined ? "issuer" : "jwksUri";
    return [judge("EndpointNotAllowed", ref, why, `spec.subjects[${index}].jwt.${field}`)];
  });
}

export function unknownIssuers(
  { ref, spec }: Draft<TenantPolicySpec>,
  { serviceAccounts }: ClassSettings,
): Finding[] {
  if (serviceAccounts !== "Unknown") return [];
  return (spec?.subjects ?? []).flatMap(({ type }, index) => {
    if (type !== "ServiceAccount") return [];
    const message =
      "There is no cluster here whose ServiceAccount tokens could be verified, so this subject lets nobody in: set SWITCHYARD_CLUSTER_ISSUER and SWITCHYARD_CLUSTER_JWKS, or use another subject.";
    return [judge("ClusterIssuerUnknown", ref, message, `spec.subjects[${index}].type`)];
  });
}
