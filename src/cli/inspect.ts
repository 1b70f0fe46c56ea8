import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { problemText, readFilters, type SafetyFilter } from "../api/index.ts";
import { filterSettings } from "../compile/index.ts";
import { makeFilter, Placeholders, TextStream, type Filter } from "../safety/index.ts";
import type { Command } from "./command.ts";
import { readFlags, refuseWords } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

const help = `switchyard inspect [--filters FILE] [--redact] < TEXT: what safety filters find in a text

Prints a line of JSON for each filter: its name, type and action, and its matches with rule, start
and end (offsets in UTF-16 units). The text that was found is never printed.

  --filters FILE  YAML: a list of filters as they stand under spec.safety of a route or a tenant.
                  Without it: personal data, secrets, and the tripwire for prompt injection.
  --redact        Prints the text instead, with what the filters found replaced by stand-ins.

Every filter sees the text, whichever its stage. Exit code 0, whatever was found; 2 where the file is
missing or a filter in it is wrong.`;

const byDefault = `
- { name: pii, type: Pii, action: Observe }
- { name: secrets, type: Secrets, action: Observe }
- { name: prompt-injection, type: PromptInjection, action: Observe }
`;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, {
    filters: { type: "string" },
    redact: { type: "boolean" },
  });
  refuseWords(positionals);
  const filters = (await wantedFilters(values.filters)).map((wanted) => ({
    wanted,
    filter: madeOf(wanted),
  }));
  const text = await textOf(process.stdin);
  if (values.redact === true) {
    const { of: placeholder } = new Placeholders([text]);
    const redacted = filters.reduce((rest, { filter }) => redact(filter, rest, placeholder), text);
    process.stdout.write(redacted);
    return 0;
  }
  for (const { wanted, filter } of filters) {
    const { name, type, action } = wanted;
    const { matches } = filter.inspect(text);
    console.log(JSON.stringify({ filter: name, type, action, matches }));
  }
  return 0;
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
function madeOf(wanted: SafetyFilter): Filter {
  const settings = filterSettings(wanted);
  if (!settings.ok) {
    const { path, message } = settings.error;
    throw new UsageError(`The filter ${wanted.name} cannot be made: ${path}: ${message}`);
  }
  if (settings.value.type === "BedrockGuardrail") {
    throw new UsageError(
      `The filter ${wanted.name} asks a guardrail over the network, which this command does not do: remove it.`,
    );
  }
  const made = makeFilter(settings.value);
  if (made.ok) return made.value;
  throw new UsageError(`The filter ${wanted.name} cannot be made. ${made.error}`);
}

export const inspect: Command = { help, run };
