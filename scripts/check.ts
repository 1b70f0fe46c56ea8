// `npm run check`: every static check, two at a time, with a line for each and the words of those
// that failed. Ends with 1 where any did.
import { spawn } from "node:child_process";
import { resolve } from "node:path";

interface Check {
  name: string;
  command: readonly [string, ...string[]];
}

interface Verdict {
  check: Check;
  passed: boolean;
  seconds: number;
  output: string;
}

const checks: readonly Check[] = [
  { name: "types", command: ["tsc", "--noEmit", "--pretty", "false"] },
  {
    name: "types of the console's script",
    command: ["tsc", "--noEmit", "--pretty", "false", "-p", "src/console/console-page"],
  },
  { name: "lint", command: ["oxlint"] },
  { name: "unused code and packages", command: ["knip", "--no-progress"] },
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "rooms", command: ["node", "scripts/rooms.ts", "--check"] },
  { name: "CRDs", command: ["node", "scripts/generate-crds.ts", "--check"] },
  { name: "CRDs since the last release", command: ["node", "scripts/compare-crds.ts"] },
  { name: "alerts", command: ["node", "scripts/generate-alerts.ts", "--check"] },
  { name: "chart", command: ["node", "scripts/generate-chart.ts", "--check"] },
  { name: "tables in docs", command: ["node", "scripts/doc-tables.ts", "--check"] },
];

const root = resolve(import.meta.dirname, "..");
const environment = {
  ...process.env,
  PATH: `${resolve(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
  // The linter takes it for leave to colour what is collected here.
  CI: undefined,
};
/** The longest takes seconds; one that hangs must not hold the others for ever. */
const timeoutMs = 180_000;

function run(check: Check): Promise<Verdict> {
  const [program, ...parameters] = check.command;
  const startedAt = performance.now();
  const child = spawn(program, parameters, { cwd: root, env: environment, timeout: timeoutMs });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const { promise, resolve: settle } = Promise.withResolvers<Verdict>();
  const end = (passed: boolean): void => {
    settle({ check, passed, seconds: (performance.now() - startedAt) / 1_000, output });
  };
  child.on("error", (error) => {
    output += error.message;
    end(false);
  });
  child.on("close", (code) => end(code === 0));
  return promise;
}

async function runAll(): Promise<readonly Verdict[]> {
  const waiting = [...checks];
  const verdicts: Verdict[] = [];
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const verdict = await run(check);
      verdicts.push(verdict);
      console.log(`${verdict.passed ? "✓" : "✗"} ${check.name} (${verdict.seconds.toFixed(1)} s)`);
    }
  };
  await Promise.all([work(), work()]);
  return verdicts;
}

const startedAt = performance.now();
const verdicts = await runAll();
const failed = verdicts.filter((verdict) => !verdict.passed);
for (const { check, output } of failed) {
  console.log(`\n── ${check.name}: ${check.command.join(" ")}\n${output.trim()}`);
}
const passed = verdicts.length - failed.length;
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
console.log(`\nChecks: ${passed} passed, ${failed.length} failed in ${seconds} s`);
process.exitCode = failed.length > 0 ? 1 : 0;
