import type { Finding, ResourceRef, SafetyFilter } from "../api/index.ts";
import { err, ok, type Result } from "../lib/index.ts";
import type { FilterEntry, GuardrailEntry, TenantEntry } from "../table/index.ts";
import { roleProblem } from "./backend-checks.ts";
import { credentialsOf } from "./backend-entry.ts";
import { endpointProblem } from "./endpoint-rules.ts";
import { judge } from "./judgement.ts";
import { countable, scaledUsd } from "./money.ts";
import type { ClassSettings } from "./settings.ts";

type Guardrail = NonNullable<SafetyFilter["bedrockGuardrail"]>;

/** A filter's guardrail in the table's terms; the namespace says which roles it may take on. */
export function guardrailEntry(
  { credentials, pricePerUnit, ...guardrail }: Guardrail,
  namespace: string,
): Result<GuardrailEntry, { path: string; message: string }> {
  if (pricePerUnit !== undefined && !countable(pricePerUnit, 12)) {
    const message = `${pricePerUnit} USD is too much for one text unit of a guardrail: write the price of 1,000 characters.`;
    return err({ path: "bedrockGuardrail.pricePerUnit", message });
  }
  return ok({
    ...guardrail,
    credentials: credentialsOf(credentials, namespace),
    ...(pricePerUnit === undefined ? {} : { unitPrice: scaledUsd(pricePerUnit, 12) }),
  });
}

/** A tenant's own filter that would send its texts out of the regions that it keeps them in. */
export function refuseOutside(
  ref: ResourceRef,
  { safety = [], residencyRegions: regions }: Pick<TenantEntry, "safety" | "residencyRegions">,
): Finding[] {
  return safety.flatMap((filter, index) => {
    if (filter.type !== "BedrockGuardrail" || regions === null) return [];
    const { region } = filter.bedrockGuardrail;
    if (regions.includes(region)) return [];
    const message = `The guardrail would see the tenant's texts in ${region}, which is none of its residency's regions: name a guardrail in one of them.`;
    return [judge("Invalid", ref, message, `spec.safety[${index}].bedrockGuardrail.region`)];
  });
}

/**
 * What a class does not permit of the guardrails that filters ask. Whoever names one must not be served
 * without it, in its published form neither.
 */
export function refuseGuardrails(
  ref: ResourceRef,
  { safety = [] }: { safety?: readonly FilterEntry[] },
  settings: ClassSettings,
): Finding[] {
  return safety.flatMap((filter, index) => {
    if (filter.type !== "BedrockGuardrail") return [];
    const { endpoint, credentials } = filter.bedrockGuardrail;
    const path = `spec.safety[${index}].bedrockGuardrail`;
    const place =
      endpoint === undefined
        ? undefined
        : endpointProblem(endpoint, settings, "leave endpoint out");
    const role = roleProblem(credentials, settings);
    return [
      ...(place === undefined ? [] : [judge("EndpointNotAllowed", ref, place, `${path}.endpoint`)]),
      ...(role === undefined
        ? []
        : [judge("RoleNotAllowed", ref, role, `${path}.credentials.assumeRole.roleArn`)]),
    ];
  });
}
