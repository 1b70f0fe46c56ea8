import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Of one block. */
const longestMs = 60_000;

export interface Section {
  /** An alert's name. */
  heading: string;
  /** Its code blocks, as they stand. */
  blocks: string[];
}

/** The sections of docs/runbooks.md; what stands before the first bears the title. */
export const sectionsOf = (runbooks: string): Section[] =>
  runbooks.split(/^## /m).map((section) => ({
    heading: section.split("\n", 1)[0]?.trim() ?? "",
    blocks: [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block),
  }));

/** @throws Error where the runbooks have no section on the alert */
export function blocksOf(runbooks: string, alert: string): string[] {
  const section = sectionsOf(runbooks).find(({ heading }) => heading === alert);
  if (section === undefined) throw new Error(`The runbooks have no section on ${alert}`);
  return section.blocks;
}

/** Labels of alerts that runbooks know as variables. */
const variables = {
  switchyard_route: "ROUTE",
  switchyard_backend: "BACKEND",
  switchyard_tenant: "TENANT",
  namespace: "NAMESPACE",
} as const;

/** What whoever is on call sets before working through a section. */
export function variablesOf(
  labels: Readonly<Record<string, string>>,
  places: { PROMETHEUS: string; ADMIN: string },
): Record<string, string> {
  const known = Object.entries(variables).flatMap(([label, name]) => {
    const value = labels[label];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...places, ...Object.fromEntries(known) };
}

/**
 * Runs a block with bash, where the first failing command ends it.
 *
 * @param environment besides, and before, this process's own
 * @returns what it printed
 * @throws Error with all that was printed where it fails
 */
export async function runBlock(
  block: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const options = { timeout: longestMs, env: { ...process.env, ...environment } };
  try {
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", block], options);
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`A block of the runbook failed:\n${block}\n${stdout}${stderr}`, {
      cause: error,
    });
  }
}
