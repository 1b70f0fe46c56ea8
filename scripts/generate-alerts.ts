// Writes the rules of scripts/alerts/ for those who watch Switchyard: into the chart, with thresholds that
// its values fill, and as a rule file for a Prometheus without its operator. With --check it writes nothing,
// and names the files that differ.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rulesText, withThresholds } from "./alerts/rules.ts";

const root = resolve(import.meta.dirname, "..");
const header = (hint: string): string =>
  `# Generated from scripts/alerts/ by npm run generate: do not edit. ${hint}\n`;

/** By path within the repository. */
export function generatedRules(): ReadonlyMap<string, string> {
  const rules = rulesText();
  return new Map([
    [
      "charts/switchyard/files/alerts.yaml",
      `${header("The chart's values alerts.* fill what stands in ${…}.")}${rules}`,
    ],
    [
      "docs/alerts/switchyard.rules.yaml",
      `${header("Name it under rule_files of prometheus.yml; docs/alerts.md tells more.")}${withThresholds(rules, "docs/runbooks.md")}`,
    ],
  ]);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const stale = [...generatedRules()].filter(([file, text]) => read(join(root, file)) !== text);
  if (process.argv.includes("--check")) {
    for (const [file] of stale) console.error(`${file} is stale: npm run generate`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const [file, text] of stale) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
  }
}
