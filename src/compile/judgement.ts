import { reasons, type Finding, type Reason, type ResourceRef } from "../api/index.ts";

/** A finding whose severity is that of its reason. */
export function judge(reason: Reason, ref: ResourceRef, message: string, path?: string): Finding {
  const { severity } = reasons[reason];
  const place = path === undefined ? {} : { path };
  return { severity: severity === "Error" ? "Error" : "Warning", reason, message, ref, ...place };
}

/** The one order of findings: by resource, then the worst first, then by reason and field. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const keyed = findings.map((finding) => ({ finding, key: sortKey(finding) }));
  return keyed
    .toSorted((left, right) => compareTexts(left.key, right.key))
    .map(({ finding }) => finding);
}

function sortKey({ ref, severity, reason, path = "", message }: Finding): string {
  // Items in their order, the tenth after the second.
  const place = path.replace(/\d+/g, (index) => index.padStart(6, "0"));
  return [ref.kind, ref.namespace, ref.name, severity, reason, place, message].join("\0");
}

/** By UTF-16 units, the same in every locale. */
export function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** `a, b and c`; beyond five the rest is counted. */
export function listed(names: readonly string[]): string {
  if (names.length > 5) return `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
