import { ok, type Result } from "../lib/index.ts";
import type { OwnFilterSettings } from "../table/index.ts";
import type { Filter } from "./filter.ts";
import { jsonSchemaFilter } from "./json-schema.ts";
import { maxSizeFilter } from "./max-size.ts";
import { patternFilter } from "./pattern.ts";
import { piiFilter } from "./pii/pii.ts";
import { promptInjectionFilter } from "./prompt-injection.ts";
import { secretsFilter } from "./secrets/secrets.ts";
import { topicsFilter } from "./topics.ts";
import { wordListFilter } from "./word-list.ts";

/** @returns the filter, or a sentence that says why these settings make none */
export function makeFilter(settings: OwnFilterSettings): Result<Filter, string> {
  const { name } = settings;
  switch (settings.type) {
    case "Pii":
      return ok(piiFilter(name, settings.pii));
    case "Secrets":
      return ok(secretsFilter(name, settings.secrets));
    case "WordList":
      return ok(wordListFilter(name, settings.wordList));
    case "Topics":
      return ok(topicsFilter(name, settings.topics));
    case "Pattern":
      return patternFilter(name, settings.pattern);
    case "PromptInjection":
      return ok(promptInjectionFilter(name, settings.promptInjection));
    case "MaxSize":
      return ok(maxSizeFilter(name, settings.maxSize.characters));
    case "JsonSchema":
      return jsonSchemaFilter(name, settings.jsonSchema.schema);
  }
}
