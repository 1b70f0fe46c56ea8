#!/usr/bin/env node
// The `switchyard` command. Each word is a composition root of its own, loaded only when it is asked
// for: what a router never needs, it never reads.
import type { Command } from "./command.ts";
import { StoreTrouble } from "./store-trouble.ts";
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
  operator: {
    summary: "compiles a cluster's resources and keeps routers for them",
    load: async () => (await import("./operator.ts")).operator,
  },
  simulate: {
    summary: "Bedrock Runtime and SageMaker Runtime on this machine",
    load: async () => (await import("./simulate.ts")).simulate,
  },
  lint: {
    summary: "every problem of YAML files, with what to do about it",
    load: async () => (await import("./lint.ts")).lint,
  },
  inspect: {
    summary: "what safety filters find in a text",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  explain: {
    summary: "by whom a request is served, and why",
    load: async () => (await import("./explain.ts")).explainCommand,
  },
  costs: {
    summary: "what requests cost by tenant, route and backend, from their records",
    load: async () => (await import("./costs.ts")).costs,
  },
  records: {
    summary: "looks after the records that routers have kept",
    load: async () => (await import("./records.ts")).records,
  },
  golden: {
    summary: "how well each candidate of a route answers a golden set",
    load: async () => (await import("./golden/golden.ts")).golden,
  },
  train: {
    summary: "a classifier from labelled prompts, with certified policies",
    load: async () => (await import("./train.ts")).train,
  },
  eval: {
    summary: "what a classifier saves and keeps, beside baselines",
    load: async () => (await import("./eval.ts")).evaluateRouting,
  },
  plan: {
    summary: "each route's and tenant's plan, certified by records and labels",
    load: async () => (await import("./plan.ts")).plan,
  },
  drift: {
    summary: "whether latency, costs and accuracy of routes have moved, and since when",
    load: async () => (await import("./drift/drift.ts")).drift,
  },
  onboard: {
    summary: "how well a new backend answers, from labels and without training",
    load: async () => (await import("./onboard.ts")).onboard,
  },
  replay: {
    summary: "what recorded requests would have cost and risked under another policy",
    load: async () => (await import("./replay.ts")).replayRecords,
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

/** Words that tell of the command itself. */
const answers: Readonly<Record<string, string>> = {
  "--help": overview,
  "-h": overview,
  help: overview,
  "--version": version,
  version,
};

/** @returns the exit code: 2 where the command line, the environment or the configuration is wrong */
async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined) throw new UsageError(`Name a command\n\n${overview}`);
  const known = Object.hasOwn(answers, name) ? answers[name] : undefined;
  if (known !== undefined) return say(known);
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    const names = Object.keys(commands).join(", ");
    throw new UsageError(`There is no command "${name}"; there are ${names}`);
  }
  const command = await entry.load();
  return words.includes("--help") || words.includes("-h") ? say(command.help) : command.run(words);
}

function say(text: string): number {
  console.log(text);
  return 0;
}

// A reader that goes away, as `head` does, must not take the requests under way along.
for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // A stack is for faults of ours; what a person can mend is told in a sentence.
  const isWrong = error instanceof UsageError;
  const isTold = isWrong || error instanceof StoreTrouble;
  console.error(isTold ? `switchyard: ${error.message}` : error);
  process.exitCode = isWrong ? 2 : 1;
}
