/** A rule of RBAC. */
export interface PolicyRule {
  apiGroups?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  verbs: readonly string[];
}

/** One thing that rules allow: `get /configmaps`, with the name of the one object where it is for that alone. */
export function permissions(rules: readonly PolicyRule[]): string[] {
  const all = rules.flatMap(({ apiGroups = [], resources = [], resourceNames, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          (resourceNames ?? [""]).map((name) => `${verb} ${group}/${resource} ${name}`.trim()),
        ),
      ),
    ),
  );
  return [...new Set(all)].toSorted();
}

/** What some rules allow and others do not: whoever has only the latter may not grant the former. */
export function excess(granted: readonly PolicyRule[], held: readonly PolicyRule[]): string[] {
  const has = new Set(permissions(held));
  const withoutName = (permission: string): string => permission.split(" ").slice(0, 2).join(" ");
  return permissions(granted).filter(
    (permission) => !has.has(permission) && !has.has(withoutName(permission)),
  );
}
