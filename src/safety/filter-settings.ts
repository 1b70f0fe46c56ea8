/** Personal data that checksums and formats tell apart; names and addresses need a model. */
export type Entity =
  | "Email"
  | "Phone"
  | "CreditCard"
  | "Iban"
  | "IpAddress"
  | "NationalId"
  | "BirthDate";

export interface WordListSettings {
  words: readonly string[];
  ignoreCase: boolean;
  wholeWords: boolean;
}

export interface TopicsSettings {
  denied: readonly { name: string; examples: readonly string[] }[];
  thresholdPercent: number;
}

export interface PatternSettings {
  /** In RE2's syntax. */
  expression: string;
  ignoreCase: boolean;
}

/** A filter as it is set up: its type, and the member that the type is named after. */
export type FilterSettings = { name: string } & (
  | { type: "Pii"; pii?: { entities?: readonly Entity[] } | undefined }
  | { type: "Secrets"; secrets?: { ignore?: readonly string[] } | undefined }
  | { type: "WordList"; wordList: WordListSettings }
  | { type: "Topics"; topics: TopicsSettings }
  | { type: "Pattern"; pattern: PatternSettings }
  | { type: "PromptInjection"; promptInjection?: { thresholdPercent: number } | undefined }
  | { type: "MaxSize"; maxSize: { characters: number } }
  | { type: "JsonSchema"; jsonSchema: { schema: string } }
);
