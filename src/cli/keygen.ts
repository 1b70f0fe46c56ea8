import { newApiKey } from "../tenancy/index.ts";
import type { Command } from "./command.ts";
import { readFlags, refuseWords } from "./flags.ts";

const help = `switchyard keygen [--json]: a new API key, and the subject that lets a TenantPolicy know it

The key is shown once and kept nowhere: the policy holds its SHA-256 alone.`;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, { json: { type: "boolean" } });
  refuseWords(positionals);
  const { key, id, sha256, subject } = newApiKey();
  if (values.json === true) {
    console.log(JSON.stringify({ key, id, sha256 }));
    return 0;
  }
  console.log(`Give this to whoever calls; it is shown only now:\n\n  ${key}\n`);
  console.log(
    `and put this under spec.subjects of the tenant's TenantPolicy:\n\n${indent(subject)}`,
  );
  return 0;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, "  ");

export const keygen: Command = { help, run };
