import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { UsageError } from "./usage-error.ts";

interface Parsed<Options extends ParseArgsOptionsConfig> {
  values: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>["values"];
  positionals: string[];
}

/** Reads a command's words. @throws UsageError */
export function readFlags<const Options extends ParseArgsOptionsConfig>(
  words: readonly string[],
  options: Options,
): Parsed<Options> {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${message.split(". ", 1)[0]?.replace(/\.$/, "")}; --help lists what there is`,
    );
  }
}

/** @throws UsageError where the flag is there and no whole number in the range */
export function wholeNumber(
  flag: string,
  text: string | undefined,
  [low, high]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new UsageError(`--${flag} must be a whole number from ${low} to ${high}, not "${text}"`);
}

export const portRange = [0, 65_535] as const;

/** @throws UsageError where words stand that no flag explains */
export function refuseWords(positionals: readonly string[]): void {
  const [first] = positionals;
  if (first !== undefined)
    throw new UsageError(`"${first}" is not understood here; --help lists what there is`);
}
