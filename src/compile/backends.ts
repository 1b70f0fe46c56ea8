import type { Finding, ModelBackendSpec } from "../api/index.ts";
import type { BackendEntry, RoutingTable } from "../table/index.ts";
import { checkPermissions } from "./backend-checks.ts";
import { backendEntry } from "./backend-entry.ts";
import type { Draft } from "./intake.ts";
import { judge } from "./judgement.ts";
import { countable } from "./money.ts";
import { onceEach } from "./once-each.ts";
import { publishedEntry } from "./published-entry.ts";
import type { ClassSettings } from "./settings.ts";

export interface CompiledBackends {
  /** Those that may be called, by name. */
  entries: ReadonlyMap<string, BackendEntry>;
  findings: Finding[];
}

/**
 * The entries of the backends that the group's routes name. One that is invalid keeps its published form,
 * as far as the class still permits that; without one it is absent.
 */
export function compileBackends(
  drafts: readonly Draft<ModelBackendSpec>[],
  { published, settings }: { published: RoutingTable | undefined; settings: ClassSettings },
): CompiledBackends {
  const entries = new Map<string, BackendEntry>();
  const findings: Finding[] = [];
  for (const draft of drafts) {
    const entry =
      freshForm(draft, settings, findings) ?? keptForm(draft, { published, settings }, findings);
    if (entry !== undefined) entries.set(draft.ref.name, entry);
  }
  return { entries, findings };
}

const textEntry = onceEach(({ ref, spec }: Draft<ModelBackendSpec>) =>
  spec === undefined ? undefined : backendEntry(ref.name, ref.namespace, spec),
);

function freshForm(
  draft: Draft<ModelBackendSpec>,
  settings: ClassSettings,
  findings: Finding[],
): BackendEntry | undefined {
  const { ref, spec } = draft;
  if (spec === undefined) return undefined;
  const uncountable = pricesAreCountable(spec);
  if (uncountable !== undefined) {
    findings.push(judge("Invalid", ref, uncountable, "spec.pricing.guardrailPerUnit"));
    return undefined;
  }
  const entry = textEntry(draft);
  if (entry === undefined) return undefined;
  const refusals = checkPermissions({ ref, entry, settings });
  findings.push(...refusals);
  return refusals.length === 0 ? entry : undefined;
}

/** Only the guardrail's price is counted finely enough for a number to run out of digits. */
function pricesAreCountable({
  pricing: { guardrailPerUnit: price },
}: ModelBackendSpec): string | undefined {
  if (price === undefined || countable(price, 12)) return undefined;
  return `${price} USD is too much for one text unit of a guardrail: write the price of 1,000 characters.`;
}

function keptForm(
  { ref }: Draft<ModelBackendSpec>,
  { published, settings }: { published: RoutingTable | undefined; settings: ClassSettings },
  findings: Finding[],
): BackendEntry | undefined {
  const entry = publishedEntry(published?.backends, ref.name);
  if (entry === undefined) {
    findings.push(
      judge(
        "NotAccepted",
        ref,
        `Backend ${ref.name} has never been accepted: no route uses it until it is.`,
      ),
    );
    return undefined;
  }
  if (checkPermissions({ ref, entry, settings }).length > 0) {
    findings.push(
      judge(
        "NotAccepted",
        ref,
        `The published form of backend ${ref.name} is no longer permitted by the router class either: no route uses it.`,
      ),
    );
    return undefined;
  }
  findings.push(
    judge(
      "KeptPublished",
      ref,
      `Backend ${ref.name} keeps the form that was published before, until it is accepted again.`,
    ),
  );
  return entry;
}
