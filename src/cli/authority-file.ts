import { readFileSync } from "node:fs";
import type { Environment } from "./environment.ts";
import { UsageError } from "./usage-error.ts";

type CaVariable = Extract<keyof Environment, `${string}_CA_FILE`>;

/** The certificates in the file that the variable names; undefined where it is unset. @throws UsageError */
export function authorityIn(environment: Environment, name: CaVariable): string | undefined {
  const file = environment[name];
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
