// Rewrites the expected side of the golden pairs, compile's and those of a group's objects and statuses:
// `npm run golden`, then read the diff.
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
console.log(`Wrote ${files.size} golden files: read the diff before you commit it`);
