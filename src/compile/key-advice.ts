import type { Finding, ResourceRef, TenantPolicySpec } from "../api/index.ts";
import { instantMs, type Draft } from "./intake.ts";
import { judge, listed } from "./judgement.ts";

type ApiKey = NonNullable<TenantPolicySpec["subjects"][number]["apiKey"]>;

/**
 * A policy that lets nobody in.
 *
 * @param now milliseconds since the epoch; undefined where there is no telling which keys are valid
 */
export function adviseOnKeys(
  { ref, spec }: Draft<TenantPolicySpec>,
  now: number | undefined,
): Finding[] {
  if (spec === undefined) return [];
  const { subjects } = spec;
  if (subjects.length === 0) return [nobody(ref)];
  const keys = subjects.flatMap(({ apiKey }) => apiKey ?? []);
  // What a token opens, its issuer decides.
  if (now === undefined || keys.length < subjects.length) return [];
  const closed = keys.map((key) => closedBecause(key, now));
  if (closed.includes(undefined)) return [];
  const why = listed(closed.flatMap((each) => each ?? []));
  const message = `No key of tenant ${ref.name} is valid at present (${why}), so its callers are refused: add a key, which switchyard keygen makes, or correct their dates.`;
  return [judge("NobodyAdmitted", ref, message, "spec.subjects")];
}

function nobody(ref: ResourceRef): Finding {
  const message = `Tenant ${ref.name} has no subjects, so nobody is let in as this tenant: add a key, which switchyard keygen makes, or another subject.`;
  return judge("NobodyAdmitted", ref, message, "spec.subjects");
}

function closedBecause({ id, notBefore, expiresAt }: ApiKey, now: number): string | undefined {
  const until = instantMs(expiresAt);
  if (until !== undefined && until <= now) return `${id} expired at ${expiresAt ?? ""}`;
  const from = instantMs(notBefore);
  return from !== undefined && from > now ? `${id} begins at ${notBefore ?? ""}` : undefined;
}
