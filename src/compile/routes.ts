import type { Finding, ModelRouteSpec } from "../api/index.ts";
import type { PlanEntry, RouteEntry } from "../table/index.ts";
import { assignClassifiers, type SettledRoute } from "./classifiers.ts";
import { publishedEntry } from "./published-entry.ts";
import type { Draft } from "./intake.ts";
import { refuseGuardrails } from "./guardrails.ts";
import { adviseOnDrift } from "./drift-advice.ts";
import { pinRoute } from "./drift-pins.ts";
import { judge, listed } from "./judgement.ts";
import { settleJudges } from "./judges.ts";
import { onceEach } from "./once-each.ts";
import { adviseOnRoute } from "./route-advice.ts";
import { checkAcceptance } from "./route-checks.ts";
import { routeEntry } from "./route-entry.ts";
import { resolvePublished, resolveText } from "./route-references.ts";
import type { RouteScope } from "./route-scope.ts";

export interface CompiledRoutes {
  entries: ReadonlyMap<string, RouteEntry>;
  /** By seniority. */
  settled: readonly SettledRoute[];
  findings: Finding[];
}

/**
 * The entries of a group's routes.
 *
 * Which form of a route serves:
 * - its text, where that is valid and at least one of its candidates can be called;
 * - else its published form, with those of its candidates that can still be called, and without model
 *   names that an older route has taken since; a paused route has this form whatever its text says;
 * - else, where neither has a candidate, a valid text stays in the table with an empty chain: clients get
 *   an error that says why, rather than a 404 that says the model does not exist;
 * - an invalid or paused route that was never published is absent.
 *
 * @param drafts by seniority: the older route has the model names that two of them claim
 */
export function compileRoutes(
  drafts: readonly Draft<ModelRouteSpec>[],
  scope: RouteScope,
): CompiledRoutes {
  const claims = new Map<string, string>();
  const findings: Finding[] = [];
  const alone: SettledRoute[] = [];
  for (const draft of drafts) {
    const route = settle({ draft, scope, claims, findings });
    if (route === undefined) continue;
    alone.push(route);
    for (const model of route.entry.models) claims.set(model, route.entry.name);
  }
  const judged = settleJudges(assignClassifiers(alone, scope.models, findings), findings);
  const settled = judged.map((route) => pinRoute(route, scope.pins));
  const entries = new Map(settled.map(({ entry }) => [entry.name, entry]));
  return { entries, settled, findings };
}

/** What the authors of routes may not expect of them, now that their plans are known. */
export function adviseOnRoutes(
  settled: readonly SettledRoute[],
  scope: RouteScope,
  plans: ReadonlyMap<string, PlanEntry>,
): Finding[] {
  const certified = new Set<string>();
  for (const { route, current, next } of plans.values())
    if ((current?.certificate ?? next?.plan.certificate ?? null) !== null) certified.add(route);
  return settled.flatMap(({ draft, entry }) =>
    entry.candidates.length === 0
      ? [emptyChain(draft, entry)]
      : [
          ...adviseOnRoute({
            ref: draft.ref,
            entry,
            scope,
            isCertified: certified.has(entry.name),
          }),
          ...adviseOnDrift(draft, scope),
        ],
  );
}

interface Settling {
  draft: Draft<ModelRouteSpec>;
  scope: RouteScope;
  claims: ReadonlyMap<string, string>;
  findings: Finding[];
}

function settle(settling: Settling): SettledRoute | undefined {
  const { draft } = settling;
  if (draft.paused) return settled(draft, settlePaused(settling), false);
  const text = formOfText(settling);
  if (text !== undefined && text.candidates.length > 0) return settled(draft, text, true);
  const kept = keepPublished(settling, text);
  return kept === undefined ? settled(draft, text, true) : settled(draft, kept, false);
}

const settled = (
  draft: Draft<ModelRouteSpec>,
  entry: RouteEntry | undefined,
  isText: boolean,
): SettledRoute | undefined => (entry === undefined ? undefined : { draft, entry, isText });

/** The published form, where it is to serve in the text's place. */
function keepPublished(settling: Settling, text: RouteEntry | undefined): RouteEntry | undefined {
  const { draft, findings } = settling;
  const { ref } = draft;
  // What the published form lacks is of interest only where that form is the one to serve.
  const aside: Finding[] = [];
  const kept = formPublished({ ...settling, findings: aside });
  const serves = kept !== undefined && (text === undefined || kept.candidates.length > 0);
  if (!serves) {
    if (text === undefined) {
      findings.push(
        ...aside,
        judge(
          "NotAccepted",
          ref,
          `Route ${ref.name} does not serve: it is not accepted, and no earlier form of it can take its place.`,
        ),
      );
    }
    return undefined;
  }
  findings.push(
    ...aside,
    judge(
      "KeptPublished",
      ref,
      `Route ${ref.name} keeps the form that was published before, until its text can serve.`,
    ),
  );
  return kept;
}

function settlePaused(settling: Settling): RouteEntry | undefined {
  const { draft, findings } = settling;
  const { ref } = draft;
  const kept = formPublished(settling);
  const message =
    kept === undefined
      ? `Route ${ref.name} is paused and has no published form that could serve, so it does not: remove the annotation to publish it.`
      : `Route ${ref.name} is paused in its published form: changes wait until the annotation is removed.`;
  findings.push(judge("Paused", ref, message, 'metadata.annotations["switchyard.dev/paused"]'));
  return kept;
}

const textEntry = onceEach((draft: Draft<ModelRouteSpec>) =>
  draft.spec === undefined ? undefined : routeEntry(draft, draft.spec),
);

function formOfText({ draft, scope, claims, findings }: Settling): RouteEntry | undefined {
  const entry = textEntry(draft);
  if (entry === undefined) return undefined;
  const refusals = [
    ...checkAcceptance({ ref: draft.ref, entry, backends: scope.backends, claims }),
    ...refuseGuardrails(draft.ref, entry, scope.settings),
  ];
  findings.push(...refusals);
  const resolved = resolveText(entry, draft.ref, scope, findings);
  return refusals.length === 0 ? resolved : undefined;
}

function formPublished({ draft, scope, claims, findings }: Settling): RouteEntry | undefined {
  const { ref } = draft;
  const entry = publishedEntry(scope.published?.routes, ref.name);
  if (entry === undefined) return undefined;
  if (refuseGuardrails(ref, entry, scope.settings).length > 0) {
    const message = `The published form of route ${ref.name} asks a guardrail in a way that the router class no longer permits: it does not serve.`;
    findings.push(judge("NotAccepted", ref, message, "spec.safety"));
    return undefined;
  }
  const models = entry.models.filter((model) => !claims.has(model));
  const taken = entry.models.filter((model) => claims.has(model));
  // A text that was judged has been told of its names already.
  if (taken.length > 0 && (draft.paused || draft.spec === undefined)) {
    const owners = [...new Set(taken.map((model) => claims.get(model) ?? ""))];
    const message = `The published form of route ${ref.name} loses the model name ${listed(taken)} to ${listed(owners)} (the older route wins, then the first by name): choose another.`;
    findings.push(judge("ModelNameTaken", ref, message, "spec.models"));
  }
  if (models.length === 0) return undefined;
  const kept = taken.length === 0 ? entry : { ...entry, models };
  return resolvePublished(kept, ref, scope, findings);
}

function emptyChain({ ref }: Draft<ModelRouteSpec>, { models }: RouteEntry): Finding {
  const message = `Route ${ref.name} has no candidate that can be called, so requests for ${listed(models)} fail: apply one of its backends, or name others.`;
  return judge("NoCandidates", ref, message, "spec.candidates");
}
