// `npm run bench:propagation -- [--routes N] [--edits N] [--routers N] [--seconds N] [--json FILE]
// [--profile DIR]`: how long it takes from an edited route to all routers serving it, on a real API
// server with a real operator and real routers as processes of this machine, what is written and used
// for it, and how that stands to the targets: missing one is told, and is no failure. `--seconds`
// bounds the editing; `--profile` keeps CPU profiles, which cost time themselves.
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startControlPlane } from "../test/support/kube/control-plane.ts";
import { processUsage } from "../test/support/process-usage.ts";
import { installDefinitions } from "../test/system/operator/operator-bench.ts";
import { countWrites } from "../test/system/operator/propagation/count-writes.ts";
import { measureEdit } from "../test/system/operator/propagation/measure-edit.ts";
import { buildBundle } from "../test/support/build-bundle.ts";
import { untilProgrammed } from "../test/system/operator/propagation/programmed.ts";
import { reportLines, reportOf, type Run } from "../test/system/operator/propagation/report.ts";
import { Stage } from "../test/system/operator/propagation/stage.ts";

const { values } = parseArgs({
  options: {
    routes: { type: "string", default: "2000" },
    edits: { type: "string", default: "100" },
    routers: { type: "string", default: "3" },
    seconds: { type: "string", default: "600" },
    json: { type: "string" },
    profile: { type: "string" },
  },
});

function count(name: "routes" | "edits" | "routers" | "seconds", most: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  process.stderr.write(`--${name} must be a whole number from 1 to ${most}\n`);
  return process.exit(2);
}

const routes = count("routes", 10_000);
const edits = count("edits", 10_000);
const routers = count("routers", 20);
const giveUpAfterMs = count("seconds", 86_400) * 1_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Coprime to powers of two and ten: the edited routes lie all over the table. */
const stride = 37;

/** What is put off a little is to be counted with the edit that led to it. */
const restMs = 300;

async function runEdits(stage: Stage): Promise<Pick<Run, "times" | "writes">> {
  const run: Pick<Run, "times" | "writes"> = { times: [], writes: {} };
  const giveUpAt = performance.now() + giveUpAfterMs;
  await stage.writes();
  for (let edit = 0; edit < edits && performance.now() < giveUpAt; edit += 1) {
    const route = (edit * stride) % routes;
    run.times.push(await measureEdit(stage, route, edit));
    await untilProgrammed(stage, route);
    await sleep(restMs);
    const written = JSON.stringify(countWrites(await stage.writes()));
    run.writes[written] = (run.writes[written] ?? 0) + 1;
  }
  return run;
}

const usageIn = ({ operator, routers: pods }: Stage) =>
  Promise.all([operator, ...pods].map(({ process: { pid = 0 } }) => processUsage(pid)));

const reconcileMs = async ({ operator }: Stage): Promise<number> =>
  1_000 * (await operator.metric("switchyard_operator_reconcile_duration_sum"));

async function measure(stage: Stage): Promise<Run> {
  const before = await usageIn(stage);
  const reconciledBefore = await reconcileMs(stage);
  const run = await runEdits(stage);
  const usage = { before, after: await usageIn(stage) };
  const reconciled = (await reconcileMs(stage)) - reconciledBefore;
  return { routes, routers, ...run, usage, reconcileMs: reconciled };
}

const controlPlane = await startControlPlane({ audit: true });
try {
  await installDefinitions(controlPlane);
  const { profile } = values;
  const nodeFlags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const program = { file: await buildBundle(controlPlane.folder), nodeFlags };
  const stage = await Stage.open(controlPlane, { routes, routers, say: print, program });
  try {
    const run = await measure(stage);
    const report = reportOf(run);
    print("");
    for (const line of reportLines(report)) print(line);
    const { json } = values;
    const content = { ...report, times: run.times };
    if (json !== undefined) await writeFile(json, `${JSON.stringify(content, undefined, 2)}\n`);
  } finally {
    await stage.close();
  }
} finally {
  await controlPlane.stop();
}
