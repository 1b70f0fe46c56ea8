// Rewrites the expected side of the golden pairs, compile's and Converse's: `npm run golden`, then
// read the diff.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import { caseNames, compileCase, expectedFile, render } from "../test/unit/compile/golden-case.ts";

for (const name of caseNames()) {
  writeFileSync(expectedFile(name), render(compileCase(name)));
}
// Converse's pairs are written by the test that reads them.
const { status } = spawnSync(
  "vitest",
  ["run", "--project", "unit", "test/unit/providers/bedrock/golden.test.ts"],
  { env: { ...process.env, GOLDEN: "write" }, stdio: "inherit" },
);
process.exitCode = status ?? 1;
console.log(
  `Wrote ${caseNames().length} golden files of compile, and those of Converse: read the diff before you commit it`,
);
