// From declared resources to the table that routers serve. Owns what resources have to do with each other:
// references, unique names and keys, permissions of a class, which form of an invalid resource serves, and
// every finding on them. It is pure: no clock, no I/O, nothing awaited, so that equal inputs give equal
// tables anywhere. It must know neither Kubernetes' API nor routers.
export type { ReadModel } from "./classifiers.ts";
export { compile, type Compiled, type CompileInput } from "./compile.ts";
export { compileGoldenSet, type CompiledGoldenSet, type CompiledItem } from "./golden-set.ts";
export { externalIdOf } from "./external-id.ts";
export { filterSettings, type FilterProblem } from "./filters.ts";
export { groupsOf, type Group } from "./groups.ts";
export { envelopeOf } from "./route-entry.ts";
export { unwatchedBecause, type ClassSettings } from "./settings.ts";
