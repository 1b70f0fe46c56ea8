import type { z } from "zod";

/** What a CRD's schema says of a rule across fields. */
export interface CelRule {
  rule: string;
  message: string;
  fieldPath?: string;
}

/** A rule across the fields of one object, stated once for zod and for the API server. */
export interface Invariant<Target> {
  /** The rule in CEL, with `self` for the object. It may name only fields that are there: guard with `has()`. */
  cel: string;
  /** A sentence that says what to do; people read it from `kubectl apply` and from lint. */
  message: string;
  /** The member to be named as the place of the problem; the object itself if absent. */
  at?: string;
  /** The same rule for zod, on the object with its defaults filled in. */
  holds: (target: Target) => boolean;
}

const validationsKey = "x-kubernetes-validations";

/** The rules registered on a schema so far. */
function rulesOf(schema: z.ZodType): readonly CelRule[] {
  const known = schema.meta()?.[validationsKey];
  return Array.isArray(known) ? (known as CelRule[]) : [];
}

function withRule<Target extends z.ZodType>(target: Target, rule: CelRule): Target {
  return target.meta({ [validationsKey]: [...rulesOf(target), rule] }) as Target;
}

/**
 * Refines the schema by a rule and registers the rule's CEL for the CRD.
 *
 * Call `describe` before this, and `optional` or `prefault` after it.
 */
export function invariant<Target extends z.ZodType>(
  target: Target,
  { cel, message, at, holds }: Invariant<z.output<Target>>,
): Target {
  const refined = target.refine(holds, {
    error: message,
    path: at === undefined ? [] : [at],
    // Only on well-formed members, as the API server does: `holds` trusts its types and patterns.
    when: ({ issues }) => issues.every((issue) => issue.code === "custom"),
  });
  const place = at === undefined ? {} : { fieldPath: `.${at}` };
  return withRule(refined, { rule: cel, message, ...place });
}

/** Refines the schema by several rules, in their order. */
export function invariants<Target extends z.ZodType>(
  target: Target,
  rules: readonly Invariant<z.output<Target>>[],
): Target {
  return rules.reduce((schema, rule) => invariant(schema, rule), target);
}

/**
 * A rule between a field's old and new value, which only the API server can check: zod sees one
 * value at a time.
 */
export function transition<Target extends z.ZodType>(
  target: Target,
  { cel, message }: { cel: string; message: string },
): Target {
  return withRule(target, { rule: cel, message });
}
