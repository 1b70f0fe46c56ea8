import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { problemText, readFilters, type SafetyFilter } from "../api/index.ts";
import { filterSettings } from "../compile/index.ts";
import { makeGuardrails, type Guardrails } from "../providers/index.ts";
import {
  makeFilter,
  Placeholders,
  TextStream,
  type AnyFilter,
  type Filter,
  type RemoteVerdict,
} from "../safety/index.ts";
import { readAwsEnvironment } from "./aws-environment.ts";
import { reachBackends } from "./backend-reach.ts";
import type { Command } from "./command.ts";
import { readFlags, refuseWords } from "./flags.ts";
import { guardrailFilter } from "./guardrail-filter.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard inspect [--filters FILE] [--redact] [flags] < TEXT: what safety filters find in a text

Prints a line of JSON for each filter: its name, type and action, and its matches with rule, start
and end (offsets in UTF-16 units). The text that was found is never printed.

  --filters FILE  YAML: a ModelRoute or TenantPolicy, or the list of filters as under its spec.safety.
                  Without it: personal data, secrets, and the tripwire for prompt injection.
  --redact        Prints the text instead, with what the filters found replaced by stand-ins.

  --stage STAGE   Input (the default) or Output: whose text it is, which guardrails want to know.
  --namespace NAME  the namespace whose roles guardrails are asked with (default)

Every filter sees the text, whichever its stage. A filter of type BedrockGuardrail is asked at AWS, with
the credentials and endpoints of the environment (AWS_ENDPOINT_URL_BEDROCK_RUNTIME). Exit code 0,
whatever was found; 1 where a guardrail gave no verdict; 2 where the file is missing or a filter in it
is wrong.`;

const byDefault = `
- { name: pii, type: Pii, action: Observe }
- { name: secrets, type: Secrets, action: Observe }
- { name: prompt-injection, type: PromptInjection, action: Observe }
`;

/** A guardrail that is slower than this gives no verdict. */
const patienceMs = 30_000;

interface Wanted {
  wanted: SafetyFilter;
  filter: AnyFilter;
}

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, {
    filters: { type: "string" },
    redact: { type: "boolean" },
    stage: { type: "string" },
    namespace: { type: "string" },
  });
  refuseWords(positionals);
  const stage = stageOf(values.stage);
  const { namespace = "default" } = values;
  const reach = reachBackends(undefined, readAwsEnvironment(process.env));
  const guardrails = makeGuardrails({ reach });
  try {
    const filters = (await wantedFilters(values.filters)).map((wanted) => ({
      wanted,
      filter: madeOf(wanted, namespace, guardrails),
    }));
    const text = await textOf(process.stdin);
    if (values.redact === true) process.stdout.write(await redactAll(text, filters, stage));
    else for (const each of filters) console.log(await line(each, text, stage));
    return 0;
  } catch (error) {
    if (!(error instanceof NoVerdict)) throw error;
    process.stderr.write(`switchyard: ${error.message}\n`);
    return 1;
  } finally {
    await guardrails.close();
  }
}

/** Whoever asked has not answered: the text is no part of the message. */
class NoVerdict extends Error {
  constructor(filter: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`The filter ${filter} gave no verdict: ${why}`, { cause });
  }
}

type Stage = "Input" | "Output";

/** @throws UsageError */
function stageOf(word = "Input"): Stage {
  if (word === "Input" || word === "Output") return word;
  throw new UsageError(`--stage: write Input or Output, not ${word}`);
}

async function line({ wanted, filter }: Wanted, text: string, stage: Stage): Promise<string> {
  const { name, type, action } = wanted;
  const { matches, units } = await verdictOf(filter, text, stage);
  return JSON.stringify({ filter: name, type, action, matches, units });
}

async function verdictOf(filter: AnyFilter, text: string, stage: Stage): Promise<RemoteVerdict> {
  if (!("remote" in filter)) return filter.inspect(text);
  const signal = AbortSignal.timeout(patienceMs);
  const [verdict] = await filter.inspect([text], { stage, signal }).catch((error: unknown) => {
    throw new NoVerdict(filter.name, error);
  });
  return verdict ?? { filter: filter.name, matches: [] };
}

async function redactAll(text: string, filters: readonly Wanted[], stage: Stage): Promise<string> {
  const { of: placeholder } = new Placeholders([text]);
  let rest = text;
  for (const { filter } of filters) {
    const { matches } = await verdictOf(filter, rest, stage);
    rest = redact(
      { name: filter.name, window: undefined, inspect: () => ({ filter: filter.name, matches }) },
      rest,
      placeholder,
    );
  }
  return rest;
}

function redact(filter: Filter, text: string, placeholder: Placeholders["of"]): string {
  const settings = { action: "Redact", streaming: "Buffer", placeholder } as const;
  const stream = new TextStream(filter, settings);
  return stream.push(text).text + stream.end().text;
}

/** @throws UsageError with every problem of the file */
async function wantedFilters(file: string | undefined): Promise<readonly SafetyFilter[]> {
  const text =
    file === undefined
      ? byDefault
      : await readFile(file, "utf8").catch((error: unknown) => {
          throw new UsageError(
            `--filters: ${error instanceof Error ? error.message : String(error)}`,
          );
        });
  const read = readFilters(text, file ?? "");
  if (read.ok) return read.value;
  throw new UsageError(read.error.map(problemText).join("\n"));
}

/** @throws UsageError where this filter cannot be run here */
function madeOf(wanted: SafetyFilter, namespace: string, guardrails: Guardrails): AnyFilter {
  const settings = filterSettings(wanted, namespace);
  if (!settings.ok) {
    const { path, message } = settings.error;
    throw new UsageError(`The filter ${wanted.name} cannot be made: ${path}: ${message}`);
  }
  if (settings.value.type === "BedrockGuardrail")
    return guardrailFilter(settings.value, guardrails);
  const made = makeFilter(settings.value);
  if (made.ok) return made.value;
  throw new UsageError(`The filter ${wanted.name} cannot be made. ${made.error}`);
}

export const inspect: Command = { help, run };
