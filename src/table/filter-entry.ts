import type { Credentials, Transport } from "./aws-access.ts";

/** Personal data that checksums and formats tell apart; names and addresses need a model. */
export type Entity =
  | "Email"
  | "Phone"
  | "CreditCard"
  | "Iban"
  | "IpAddress"
  | "NationalId"
  | "BirthDate";

export interface PiiSettings {
  /** Absent: all. */
  entities?: readonly Entity[];
  /** Texts that look like personal data and may pass. */
  ignore?: readonly string[];
}

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

/** A guardrail that is asked for its verdict on texts, by itself and not with a call of a model. */
export interface GuardrailEntry {
  /** An id or an ARN. */
  id: string;
  version: string;
  region: string;
  endpoint?: string;
  credentials: Credentials;
  /** Absent: Lean. */
  transport?: Transport;
  /** Pico-USD a text unit; absent where it is not known. */
  unitPrice?: number;
}

/** What a filter looks for by itself: its type, and the member that the type is named after. */
export type OwnFilterSettings = { name: string } & (
  | { type: "Pii"; pii?: PiiSettings }
  | { type: "Secrets"; secrets?: { ignore?: readonly string[] } }
  | { type: "WordList"; wordList: WordListSettings }
  | { type: "Topics"; topics: TopicsSettings }
  | { type: "Pattern"; pattern: PatternSettings }
  | { type: "PromptInjection"; promptInjection?: { thresholdPercent: number } }
  | { type: "MaxSize"; maxSize: { characters: number } }
  | { type: "JsonSchema"; jsonSchema: { schema: string } }
);

/** A filter that asks a guardrail, over the network. */
export interface GuardrailFilterSettings {
  name: string;
  type: "BedrockGuardrail";
  bedrockGuardrail: GuardrailEntry;
}

export type FilterSettings = OwnFilterSettings | GuardrailFilterSettings;

export type FilterType = FilterSettings["type"];

/** A filter that texts must pass, and what follows from what it finds. */
export type FilterEntry = FilterSettings & {
  stage: "Input" | "Output" | "Both";
  action: "Block" | "Redact" | "Observe";
  /** Present where what was redacted from the input is put back into the answer. */
  reversible?: true;
  streaming: "Window" | "Buffer" | "Async";
  onFailure: "Block" | "Allow";
};
