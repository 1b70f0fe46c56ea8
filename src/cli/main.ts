#!/usr/bin/env node
// The `switchyard` command. Each word is a composition root of its own, loaded only when it is asked
// for: what a router never needs, it never reads.
import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";
import { version } from "./version.ts";

interface Entry {
  summary: string;
  load: () => Promise<Command>;
}

const commands: Readonly<Record<string, Entry>> = {
  local: {
    summary: "a router on this machine, from a folder of YAML, with simulated models",
    load: async () => (await import("./local.ts")).local,
  },
  router: {
    summary: "a router over real backends, with JSON records on standard output",
    load: async () => (await import("./router.ts")).router,
  },
  simulate: {
    summary: "Bedrock Runtime and SageMaker Runtime on this machine",
    load: async () => (await import("./simulate.ts")).simulate,
  },
  lint: {
    summary: "every problem of YAML files, with what to do about it",
    load: async () => (await import("./lint.ts")).lint,
  },
  keygen: {
    summary: "a new API key, and the subject that lets a TenantPolicy know it",
    load: async () => (await import("./keygen.ts")).keygen,
  },
};

const overview = `switchyard ${version}: one OpenAI-compatible endpoint over Amazon Bedrock and SageMaker

${Object.entries(commands)
  .map(([name, { summary }]) => `  switchyard ${name.padEnd(9)} ${summary}`)
  .join("\n")}

switchyard COMMAND --help tells more.`;

/** @returns the exit code: 2 where the command line, the environment or the configuration is wrong */
async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(overview);
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "version") {
    console.log(version);
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    throw new UsageError(
      `There is no command "${name}": known are ${Object.keys(commands).join(", ")}`,
    );
  }
  const command = await entry.load();
  if (words.includes("--help") || words.includes("-h")) {
    console.log(command.help);
    return 0;
  }
  return command.run(words);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // A stack is for faults of ours; what a person can mend is told in a sentence.
  const known = error instanceof UsageError;
  console.error(known ? `switchyard: ${error.message}` : error);
  process.exitCode = known ? 2 : 1;
}
