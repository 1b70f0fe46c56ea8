// Rewrites the expected side of compile's golden pairs: `npm run golden`, then read the diff.
import { writeFileSync } from "node:fs";

import { caseNames, compileCase, expectedFile, render } from "../test/unit/compile/golden-case.ts";

for (const name of caseNames()) {
  writeFileSync(expectedFile(name), render(compileCase(name)));
}
console.log(`Wrote ${caseNames().length} golden files: read the diff before you commit it`);
