import type { LabelSelector } from "./routing-table.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * Kubernetes' own meaning of a selector: all its parts must hold, an empty one matches everything,
 * and NotIn holds for labels that are absent.
 */
export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (valueOf(labels, key) !== value) return false;
  }
  for (const expression of selector.matchExpressions ?? []) {
    if (!holds(expression, valueOf(labels, expression.key))) return false;
  }
  return true;
}

type Expression = NonNullable<LabelSelector["matchExpressions"]>[number];

function holds({ operator, values = [] }: Expression, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

/** A label may be named like a member that every object inherits. */
function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
