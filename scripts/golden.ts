// Rewrites the expected side of the golden pairs: compile's, those of a group's objects and statuses,
// and Converse's: `npm run golden`, then read the diff.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

import { caseNames, compileCase, expectedFile, render } from "../test/unit/compile/golden-case.ts";
import {
  expectedGroupFiles,
  groupCaseNames,
  renderGroupCase,
} from "../test/unit/operator/specs/group-case.ts";
import {
  expectedStatusFile,
  renderStatus,
  statusCaseNames,
} from "../test/unit/operator/status/status-case.ts";

const files = new Map(caseNames().map((name) => [expectedFile(name), render(compileCase(name))]));
for (const name of groupCaseNames()) {
  for (const file of expectedGroupFiles(name)) rmSync(file);
  for (const [file, text] of renderGroupCase(name)) files.set(file, text);
}
for (const name of statusCaseNames()) files.set(expectedStatusFile(name), renderStatus(name));
for (const [file, text] of files) writeFileSync(file, text);
// Converse's pairs are written by the test that reads them.
const { status } = spawnSync(
  "vitest",
  ["run", "--project", "unit", "test/unit/providers/bedrock/golden.test.ts"],
  { env: { ...process.env, GOLDEN: "write" }, stdio: "inherit" },
);
process.exitCode = status ?? 1;
console.log(
  `Wrote ${files.size} golden files, and those of Converse: read the diff before you commit it`,
);
