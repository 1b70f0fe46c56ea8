// `npm run eval:slow-backend -- [--requests N] [--scale N] [--seconds N] [--json FILE]`: that week again,
// in which one backend answered a tenth of its calls five seconds late: what clients wait for their first
// byte beside a quiet week and beside a router that does nothing about it, what it costs, and how that
// stands to the targets: missing one is told, and is no failure. `--scale` is how many times quicker than
// that week everything goes, `--requests` those of each set-up, and `--seconds` bounds the asking.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { compareSetups } from "../test/system/faults/slow-backend/compare-setups.ts";
import { reportLines } from "../test/system/faults/slow-backend/report-lines.ts";
import { reportOf } from "../test/system/faults/slow-backend/report.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "2000" },
    scale: { type: "string", default: "10" },
    seconds: { type: "string", default: "600" },
    json: { type: "string" },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function number(name: "requests" | "scale" | "seconds", least: number, most: number): number {
  const value = Number(values[name]);
  if (value >= least && value <= most) return value;
  process.stderr.write(`--${name} must be a number from ${least} to ${most}\n`);
  return process.exit(2);
}

const scale = number("scale", 1, 50);
const setups = await compareSetups({
  scale,
  requests: Math.ceil(number("requests", 100, 1_000_000)),
  seconds: number("seconds", 1, 86_400),
  say: print,
});
const report = reportOf(setups, scale);
for (const line of reportLines(report)) print(line);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
}
