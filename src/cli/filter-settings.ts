import type { SafetyFilter } from "../api/index.ts";
import { err, ok, type Result } from "../lib/index.ts";
import type { Entity, FilterSettings } from "../safety/index.ts";

type Settings = Result<FilterSettings, string>;

const needsModel = new Set(["Person", "Address"]);

/**
 * What the room of filters is told of a filter as people write it.
 *
 * @returns the settings, or why this filter cannot be run here and what to do
 */
export function filterSettings(filter: SafetyFilter): Settings {
  const { name, type } = filter;
  switch (type) {
    case "Pii":
      return piiSettings(filter);
    case "Secrets":
      return ok({ name, type, secrets: filter.secrets });
    case "WordList":
      return withMember(filter.wordList, (wordList) => ({ name, type, wordList }));
    case "Topics":
      return withMember(filter.topics, (topics) => ({ name, type, topics }));
    case "Pattern":
      return withMember(filter.pattern, (pattern) => ({ name, type, pattern }));
    case "PromptInjection":
      return ok({ name, type, promptInjection: filter.promptInjection });
    case "MaxSize":
      return withMember(filter.maxSize, (maxSize) => ({ name, type, maxSize }));
    case "JsonSchema":
      return withMember(filter.jsonSchema, (jsonSchema) => ({ name, type, jsonSchema }));
    case "BedrockGuardrail":
      return err(
        "A guardrail is asked over the network, which this command does not do: remove it",
      );
  }
}

function piiSettings({ name, pii: wanted }: SafetyFilter): Settings {
  const entities = wanted?.entities;
  const unknown = entities?.filter((entity) => needsModel.has(entity)) ?? [];
  if (unknown.length > 0) {
    return err(
      `${unknown.join(" and ")} can be told by a model only: remove it from pii.entities, and use a filter of type BedrockGuardrail`,
    );
  }
  const pii = entities === undefined ? {} : { entities: entities as readonly Entity[] };
  return ok({ name, type: "Pii", pii });
}

/** The schema of the kind wants the member wherever the type does. */
function withMember<Member>(
  member: Member | undefined,
  settings: (member: Member) => FilterSettings,
): Settings {
  return member === undefined ? err("Its settings are missing") : ok(settings(member));
}
