import type { Finding, Resource, ResourceRef, SafetyFilter } from "../api/index.ts";
import { err, ok, type Result } from "../lib/index.ts";
import { makeFilter } from "../safety/index.ts";
import type { Entity, FilterEntry, FilterSettings, OwnFilterSettings } from "../table/index.ts";
import { guardrailEntry } from "./guardrails.ts";
import { judge } from "./judgement.ts";

/** Why a filter cannot be run as it is written. */
export interface FilterProblem {
  /** Below the filter, such as `pattern.expression`. */
  path: string;
  /** A sentence that says what to do. */
  message: string;
}

/** Each of them is a node of a table that is walked once a character. */
const mostListed = 16_384;

/** All filters of a resource together, as JSON: a router's table has other entries too. */
const mostText = 131_072;

const needsModel = new Set<string>(["Person", "Address"]);

/** The filters of an accepted resource, in its order; absent where there are none. */
export function safetyOf(
  filters: readonly SafetyFilter[] | undefined,
  namespace: string,
): { safety?: FilterEntry[] } {
  const safety = (filters ?? []).flatMap((filter) => {
    const entry = filterEntry(filter, namespace);
    return entry.ok ? [entry.value] : [];
  });
  return safety.length === 0 ? {} : { safety };
}

/** What keeps a resource out because a filter of it could not be run: it must not be served without. */
export function refuseFilters(resource: Resource, ref: ResourceRef): Finding[] {
  const { safety } = resource.kind === "ModelBackend" ? {} : resource.spec;
  if (safety === undefined) return [];
  const problems = safety.flatMap((filter, index) => {
    const entry = filterEntry(filter, ref.namespace);
    if (entry.ok) return [];
    const { path, message } = entry.error;
    return [judge("Invalid", ref, message, `spec.safety[${index}].${path}`)];
  });
  const size = JSON.stringify(safety).length;
  if (size <= mostText) return problems;
  const message = `The filters take ${size} characters in all, and ${mostText} is the most: shorten their lists, examples and schemas.`;
  return [...problems, judge("Invalid", ref, message, "spec.safety")];
}

/** A filter in the table's terms, or the first thing that is wrong with it. */
export function filterEntry(
  filter: SafetyFilter,
  namespace: string,
): Result<FilterEntry, FilterProblem> {
  const settings = filterSettings(filter, namespace);
  if (!settings.ok) return settings;
  const { stage, action, reversible, streaming, onFailure } = filter;
  const kept = reversible === true ? ({ reversible } as const) : {};
  return ok({ ...settings.value, stage, action, ...kept, streaming, onFailure });
}

/**
 * What a filter looks for, in the table's terms, or the first thing that is wrong with it.
 *
 * @param namespace whose roles a guardrail may be asked with
 */
export function filterSettings(
  filter: SafetyFilter,
  namespace: string,
): Result<FilterSettings, FilterProblem> {
  const settings = settingsOf(filter, namespace);
  if (!settings.ok || settings.value.type === "BedrockGuardrail") return settings;
  const problem = problemOf(settings.value);
  return problem === undefined ? settings : err(problem);
}

type Settings = Result<FilterSettings, FilterProblem>;

function settingsOf(filter: SafetyFilter, namespace: string): Settings {
  const { name, type } = filter;
  switch (type) {
    case "Pii":
      return piiSettings(filter);
    case "Secrets":
      return ok({ name, type, ...present("secrets", filter.secrets) });
    case "WordList":
      return needed("wordList", filter.wordList, (wordList) => ({ name, type, wordList }));
    case "Topics":
      return needed("topics", filter.topics, (topics) => ({ name, type, topics }));
    case "Pattern":
      return needed("pattern", filter.pattern, (pattern) => ({ name, type, pattern }));
    case "PromptInjection":
      return ok({ name, type, ...present("promptInjection", filter.promptInjection) });
    case "MaxSize":
      return needed("maxSize", filter.maxSize, (maxSize) => ({ name, type, maxSize }));
    case "JsonSchema":
      return needed("jsonSchema", filter.jsonSchema, (jsonSchema) => ({ name, type, jsonSchema }));
    case "BedrockGuardrail":
      return guardrailSettings(filter, namespace);
  }
}

function guardrailSettings({ name, bedrockGuardrail }: SafetyFilter, namespace: string): Settings {
  const path = "bedrockGuardrail";
  if (bedrockGuardrail === undefined)
    return err({ path, message: `Set ${path}: the filter's type needs it.` });
  const entry = guardrailEntry(bedrockGuardrail, namespace);
  return entry.ok ? ok({ name, type: "BedrockGuardrail", bedrockGuardrail: entry.value }) : entry;
}

function present<Name extends string, Member>(
  name: Name,
  member: Member | undefined,
): { [Key in Name]?: Member } {
  return member === undefined ? {} : ({ [name]: member } as { [Key in Name]?: Member });
}

/** The schema of the kind wants the member wherever the type does. */
function needed<Member>(
  path: string,
  member: Member | undefined,
  settings: (member: Member) => FilterSettings,
): Settings {
  return member === undefined
    ? err({ path, message: `Set ${path}: the filter's type needs it.` })
    : ok(settings(member));
}

function piiSettings({ name, pii }: SafetyFilter): Settings {
  if (pii === undefined) return ok({ name, type: "Pii" });
  const { entities = [], ...others } = pii;
  const index = entities.findIndex((entity) => needsModel.has(entity));
  if (index >= 0) {
    return err({
      path: `pii.entities[${index}]`,
      message: `${entities[index]} can be told by a model only, which this filter does not ask: remove it here, and have a filter of type BedrockGuardrail look for it.`,
    });
  }
  const wanted = present("entities", pii.entities as readonly Entity[] | undefined);
  return ok({ name, type: "Pii", pii: { ...wanted, ...others } });
}

function problemOf(settings: OwnFilterSettings): FilterProblem | undefined {
  switch (settings.type) {
    case "WordList":
      return listProblem(settings.wordList.words);
    case "Pattern":
      return madeProblem(settings, "pattern.expression", "in RE2's syntax");
    case "JsonSchema":
      return madeProblem(settings, "jsonSchema.schema", "as JSON Schema 2020-12");
    default:
      return undefined;
  }
}

function listProblem(words: readonly string[]): FilterProblem | undefined {
  const size = words.reduce((sum, { length }) => sum + length, 0);
  if (size <= mostListed) return undefined;
  const message = `The words have ${size} characters in all, and ${mostListed} is the most: shorten the list, or split it over two filters.`;
  return { path: "wordList.words", message };
}

function madeProblem(
  settings: OwnFilterSettings,
  path: string,
  form: string,
): FilterProblem | undefined {
  const made = makeFilter(settings);
  if (made.ok) return undefined;
  return { path, message: `${made.error.replace(/\.?$/, ".")} Correct it ${form}.` };
}
