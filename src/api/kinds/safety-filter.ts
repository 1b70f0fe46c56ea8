import { z } from "zod";
import { credentials, transport } from "./backend-target.ts";
import { invariants, type Invariant } from "./invariant.ts";
import { list, set } from "./lists.ts";
import { guardrailVersion, httpUrl, label, line, percent, region, usd } from "./scalars.ts";

const filterTypes = [
  "Pii",
  "Secrets",
  "WordList",
  "Topics",
  "Pattern",
  "PromptInjection",
  "MaxSize",
  "JsonSchema",
  "BedrockGuardrail",
] as const;

const entities = [
  "Email",
  "Phone",
  "CreditCard",
  "Iban",
  "IpAddress",
  "NationalId",
  "Person",
  "Address",
  "BirthDate",
] as const;

const threshold = () =>
  percent(1)
    .default(80)
    .describe(
      "How sure the filter must be before it acts, in per cent. Default 80; lower finds more and errs more.",
    );

const pii = z
  .strictObject({
    entities: set(z.enum(entities).describe("One kind of personal data."), { min: 1, max: 16 })
      .describe(
        "Which kinds of personal data to find. Absent: all that can be told without a model, which are all but Person and Address; those need a filter of type BedrockGuardrail.",
      )
      .exactOptional(),
    ignore: set(
      line(256).describe("A text that is nobody's personal data, though it looks like it."),
      { min: 1, max: 64 },
    )
      .describe(
        "Texts that look like personal data and may pass, to the letter as the filter finds them, such as an organisation's own hotline or the address of its support.",
      )
      .exactOptional(),
  })
  .describe(
    "Finds personal data. May be left out: the filter then finds every kind that can be told without a model.",
  );

const secrets = z
  .strictObject({
    ignore: set(line(256).describe("A text that is not a secret, though it looks like one."), {
      min: 1,
      max: 64,
    })
      .describe("Texts that look like secrets and are none, such as a documented example key.")
      .exactOptional(),
  })
  .describe("Finds keys, tokens and passwords. May be left out.");

const wordList = z
  .strictObject({
    words: set(line(128).describe("A word or phrase to find."), { min: 1, max: 512 }).describe(
      "The words and phrases to find.",
    ),
    ignoreCase: z
      .boolean()
      .default(true)
      .describe("Whether case makes no difference. Default true."),
    wholeWords: z
      .boolean()
      .default(true)
      .describe("Whether a word counts only where it stands by itself. Default true."),
  })
  .describe("Finds listed words; set it where type is WordList.");

const topics = z
  .strictObject({
    denied: list(
      z
        .strictObject({
          name: label().describe("What the topic is called in verdicts and records."),
          examples: list(line(512).describe("A text on the topic."), { min: 1, max: 32 }).describe(
            "Texts on the topic, from which the filter learns it.",
          ),
        })
        .describe("A topic that the route does not speak of."),
      { min: 1, max: 16 },
    ).describe("The topics to find."),
    thresholdPercent: threshold(),
  })
  .describe("Finds topics by example; set it where type is Topics.");

const pattern = z
  .strictObject({
    expression: line(1024).describe(
      "The regular expression to find, in RE2's syntax (no look-around, no back-references), which is matched in linear time.",
    ),
    ignoreCase: z
      .boolean()
      .default(false)
      .describe("Whether case makes no difference. Default false."),
  })
  .describe("Finds what a regular expression matches; set it where type is Pattern.");

const promptInjection = z
  .strictObject({ thresholdPercent: threshold() })
  .describe("Finds attempts to talk the model out of its instructions. May be left out.");

const maxSize = z
  .strictObject({
    characters: z
      .int()
      .min(1)
      .max(100_000_000)
      .describe(
        "The most characters that pass, of all texts of a request or of an answer together.",
      ),
  })
  .describe("Bounds the size of texts; set it where type is MaxSize.");

const jsonSchema = z
  .strictObject({
    schema: z
      .string()
      .min(2)
      .max(32_768)
      .describe("The JSON Schema (2020-12) that an answer must meet, as JSON text in a string."),
  })
  .describe("Wants answers to be JSON of a shape; set it where type is JsonSchema.");

const bedrockGuardrail = z
  .strictObject({
    id: line(2048).describe("The id or ARN of the guardrail."),
    version: guardrailVersion(),
    region: region().describe("The AWS region in which the guardrail is."),
    endpoint: httpUrl()
      .describe(
        "A URL to call in place of the region's public endpoint, such as a VPC endpoint. Its host must be on the allow list of the router class.",
      )
      .exactOptional(),
    credentials: credentials.exactOptional(),
    transport: transport(),
    pricePerUnit: usd()
      .describe(
        'The price of one text unit (1,000 characters), all policies of the guardrail together, in US dollars as a decimal string such as "0.00025". Absent: that of the backend that serves, where it has one.',
      )
      .exactOptional(),
  })
  .describe("Asks a Bedrock guardrail for its verdict; set it where type is BedrockGuardrail.");

const fields = z
  .strictObject({
    name: label().describe(
      "What the filter is called in verdicts, metrics and records; unique in its list.",
    ),
    type: z.enum(filterTypes).describe(`What the filter looks for: ${filterTypes.join(", ")}.`),
    pii: pii.exactOptional(),
    secrets: secrets.exactOptional(),
    wordList: wordList.exactOptional(),
    topics: topics.exactOptional(),
    pattern: pattern.exactOptional(),
    promptInjection: promptInjection.exactOptional(),
    maxSize: maxSize.exactOptional(),
    jsonSchema: jsonSchema.exactOptional(),
    bedrockGuardrail: bedrockGuardrail.exactOptional(),
    stage: z
      .enum(["Input", "Output", "Both"])
      .default("Both")
      .describe(
        "Which texts are inspected: what the client sends (Input), what the model answers (Output), or Both. Default Both.",
      ),
    action: z
      .enum(["Block", "Redact", "Observe"])
      .default("Block")
      .describe(
        "What a hit does: Block ends the request, Redact replaces the text that was found, Observe only records it. Default Block.",
      ),
    reversible: z
      .boolean()
      .describe(
        "Whether texts redacted from the input are put back into the answer, so that the model never sees them and the client does. Only with action Redact. Default false.",
      )
      .exactOptional(),
    streaming: z
      .enum(["Window", "Buffer", "Async"])
      .default("Window")
      .describe(
        "How streamed answers are inspected: Window holds back what more text could still change, which is all of it for types that judge a text as a whole (Topics, Pattern, PromptInjection, MaxSize, JsonSchema, BedrockGuardrail), Buffer the whole answer, Async nothing and looks on behind. Default Window.",
      ),
    onFailure: z
      .enum(["Block", "Allow"])
      .default("Block")
      .describe(
        "What happens to a text when the filter itself fails: Block or Allow. A filter with action Observe blocks in no case. Default Block.",
      ),
  })
  .describe("A filter that inspects texts on their way.");

type Fields = z.output<typeof fields>;

/** A member that its type cannot do without. */
const needed = (type: Fields["type"], member: keyof Fields): Invariant<Fields> => ({
  cel: `has(self.${member}) == (self.type == '${type}')`,
  message: `Set ${member} exactly where the filter's type is ${type}: add it, remove it, or correct the type.`,
  holds: (filter) => (filter[member] !== undefined) === (filter.type === type),
});

/** A member that only tunes its type. */
const allowed = (type: Fields["type"], member: keyof Fields): Invariant<Fields> => ({
  cel: `!has(self.${member}) || self.type == '${type}'`,
  message: `Remove ${member}, or set the filter's type to ${type}, the only one that it belongs to.`,
  holds: (filter) => filter[member] === undefined || filter.type === type,
});

export const safetyFilter = invariants(fields, [
  allowed("Pii", "pii"),
  allowed("Secrets", "secrets"),
  needed("WordList", "wordList"),
  needed("Topics", "topics"),
  needed("Pattern", "pattern"),
  allowed("PromptInjection", "promptInjection"),
  needed("MaxSize", "maxSize"),
  needed("JsonSchema", "jsonSchema"),
  needed("BedrockGuardrail", "bedrockGuardrail"),
  {
    cel: "self.type != 'JsonSchema' || self.stage == 'Output'",
    message: "Set stage to Output for a filter of type JsonSchema: it inspects answers only.",
    at: "stage",
    holds: (filter) => filter.type !== "JsonSchema" || filter.stage === "Output",
  },
  {
    cel: "!has(self.reversible) || !self.reversible || self.action == 'Redact'",
    message:
      "Set action to Redact, or leave out reversible: only what was redacted can be put back.",
    at: "reversible",
    holds: (filter) => filter.reversible !== true || filter.action === "Redact",
  },
  {
    cel: "self.streaming != 'Async' || self.action != 'Redact'",
    message:
      "Set streaming to Window or Buffer for a filter that redacts: what was sent cannot be redacted any more.",
    at: "streaming",
    holds: (filter) => filter.streaming !== "Async" || filter.action !== "Redact",
  },
]);

export type SafetyFilter = z.output<typeof safetyFilter>;
