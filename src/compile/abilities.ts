import type { Finding } from "../api/index.ts";
import {
  readAbilityFile,
  type AbilityEntry,
  type BackendEntry,
  type FittedAbility,
  type RoutingTable,
} from "../table/index.ts";
import { readHeld, type Held } from "./held-config-maps.ts";
import { judge } from "./judgement.ts";
import { onceEach } from "./once-each.ts";
import { publishedEntry } from "./published-entry.ts";

interface Abilities {
  entries: ReadonlyMap<string, BackendEntry>;
  findings: Finding[];
}

interface Scope {
  published: RoutingTable | undefined;
  /** Every backend of the namespace. */
  declared: ReadonlySet<string>;
}

/**
 * Gives backends the abilities that were fitted for them, the last fitted where there are several. While
 * a ConfigMap of abilities is not valid, a backend that would lose its ability keeps the published one.
 */
export function giveAbilities(
  backends: ReadonlyMap<string, BackendEntry>,
  held: readonly Held[],
  scope: Scope,
): Abilities {
  const { files, isWhole, findings } = readHeld(held, {
    read: fileOf,
    what: "abilities",
    by: "onboard",
  });
  const fitted = new Map<string, FittedAbility>();
  for (const { source, file } of files) {
    for (const ability of file.abilities) {
      const { backend } = ability;
      if (!scope.declared.has(backend)) findings.push(unknownBackend(source, backend));
      if (isLater(ability, fitted.get(backend))) fitted.set(backend, ability);
    }
  }
  const entries = new Map<string, BackendEntry>();
  for (const [name, entry] of backends) {
    const found = fitted.get(name);
    const kept = isWhole ? undefined : publishedEntry(scope.published?.backends, name)?.ability;
    entries.set(name, withAbility(entry, found === undefined ? kept : abilityEntry(found)));
  }
  return { entries, findings };
}

const isLater = ({ fittedAt }: FittedAbility, before: FittedAbility | undefined): boolean =>
  before === undefined || before.fittedAt < fittedAt;

const fileOf = onceEach(({ content }: Held["configMap"]) => readAbilityFile(content));

const abilityEntry = onceEach(({ model, weights }: FittedAbility): AbilityEntry => ({
  model,
  weights,
}));

function unknownBackend({ ref, path }: Held, backend: string): Finding {
  const message = `ConfigMap ${ref.name} holds an ability of ${backend}, and namespace ${ref.namespace} has no ModelBackend of that name: apply it, or take the ability out.`;
  return judge("BackendNotFound", ref, message, path);
}

const known = new WeakMap<BackendEntry, BackendEntry>();

/** The same entry for the same ability, so that what was made of it still holds. */
function withAbility(entry: BackendEntry, ability: AbilityEntry | undefined): BackendEntry {
  if (entry.ability === ability) return entry;
  const made = known.get(entry);
  if (made !== undefined && made.ability === ability) return made;
  const { ability: _before, ...rest } = entry;
  const changed = ability === undefined ? rest : { ...rest, ability };
  known.set(entry, changed);
  return changed;
}
