// `npm run eval:incidents -- [--rules FILE] [--only NAME]... [--json FILE]`: how soon the shipped alerts tell of an incident. A
// real Prometheus with an hour of good history scrapes two real routers over simulated models under a steady
// load, while one thing after another goes wrong. Windows of minutes cannot be made shorter and stay what they
// are, so it takes a quarter of an hour; what has a window of many minutes happens beside the rest, to another route.
// Ends with 1 where an incident was not found in its time, an alert stays, or one fires that nothing explains.
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { AlertWatch } from "./incidents/alert-watch.ts";
import {
  backendSlow,
  budgetNearlySpent,
  qualityDrop,
  serverErrors,
  staleTable,
  throttling,
  type Incident,
} from "./incidents/incidents.ts";
import { problemsOf, reportLines, reportOf } from "./incidents/report.ts";
import { comesOf, foundBy, happen, type Course } from "./incidents/run-incident.ts";
import { Stage } from "./incidents/stage.ts";

const { values } = parseArgs({
  options: {
    rules: { type: "string", default: "docs/alerts/switchyard.rules.yaml" },
    only: { type: "string", multiple: true },
    json: { type: "string" },
  },
});

const startedAt = performance.now();
const secondsGone = (): number => (performance.now() - startedAt) / 1_000;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const say = (line: string): void => print(`${secondsGone().toFixed(0).padStart(4)} s  ${line}`);

/** As an ordinary Prometheus does it. */
const scrapeSeconds = 15;
const lookMs = 45_000;
/** In which nothing may fire. */
const quietMs = 75_000;

/** The lines happen side by side, and on each one thing after another: none touches a route or a tenant of another. */
const lines: readonly (readonly Incident[])[] = [
  [qualityDrop],
  [backendSlow, serverErrors, throttling],
  [budgetNearlySpent, staleTable],
];

function chosenLines(): Incident[][] {
  const { only } = values;
  if (only === undefined) return lines.map((line) => [...line]);
  const known = lines.flat().map(({ name }) => name);
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length === 0)
    return lines.map((line) => line.filter(({ name }) => only.includes(name)));
  process.stderr.write(`--only ${unknown.join(", ")}: known are ${known.join(", ")}\n`);
  return process.exit(2);
}

async function run(): Promise<number> {
  const chosen = chosenLines();
  const stage = await Stage.open({ ruleFile: values.rules, scrapeSeconds, lookMs, say });
  const watch = new AlertWatch(stage.prometheus);
  try {
    say(`all is well for ${quietMs / 1_000} s`);
    await sleep(quietMs);
    const options = { stage, watch, say };
    const courses: Course[] = [];
    const inTurn = async (some: readonly Incident[]): Promise<void> => {
      for (const each of some) courses.push(await happen(each, options));
    };
    await Promise.all(chosen.map(inTurn));
    const told = courses.map(
      async (course) => [course.incident.name, await foundBy(course, options)] as const,
    );
    const incidents = Object.fromEntries(await Promise.all(told));
    const unexplained = watch.firings.filter(
      (firing) => !courses.some((course) => comesOf(course, firing)),
    );
    return await tell({ incidents, unexplained });
  } finally {
    await watch.stop();
    await stage.close();
  }
}

async function tell(seen: Pick<Parameters<typeof reportOf>[0], "incidents" | "unexplained">) {
  const report = reportOf({ ...seen, scrapeSeconds, seconds: secondsGone() });
  print("");
  for (const line of reportLines(report)) print(line);
  if (values.json !== undefined)
    await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
  const problems = problemsOf(report);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await run();
