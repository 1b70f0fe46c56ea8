import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface ExampleFile {
  name: string;
  text: string;
  /** What lint says of the file; of transitions, what the API server says. */
  expect?: string;
}

const root = new URL("../../crds/", import.meta.url);

/** The files under test/crds; the same ones are meant for a real API server. */
export function exampleFiles(folder: "valid" | "invalid" | "transitions"): ExampleFile[] {
  const directory = fileURLToPath(new URL(`${folder}/`, root));
  return readdirSync(directory).map((name) => {
    const text = readFileSync(directory + name, "utf8");
    const expect = /^# expect: (.+)$/m.exec(text)?.[1];
    return { name, text, ...(expect === undefined ? {} : { expect }) };
  });
}
