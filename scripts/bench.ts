// `npm run bench -- [--rounds N] [--seconds N] [--only NAME,…] [--json FILE] [--profile DIR] [--quick]`:
// how fast the router is beside a bare pass-through and beside other gateways, which it installs where
// they can be had. `--seconds` is the time of each measurement; `--profile` keeps CPU profiles of the
// router, which cost time themselves; `--quick` is for a look while working.
import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureBeginnings } from "./bench/beginnings.ts";
import { bare } from "./bench/contenders/bare.ts";
import type { Contender } from "./bench/contenders/contender.ts";
import { litellm } from "./bench/contenders/litellm.ts";
import { portkey } from "./bench/contenders/portkey.ts";
import { routers } from "./bench/contenders/router.ts";
import { filterCostLines } from "./bench/filter-cost.ts";
import { identityCostLines } from "./bench/identity-cost.ts";
import { benchReport, reportJson } from "./bench/bench-report.ts";
import { reportLines } from "./bench/report-lines.ts";
import { profileLines } from "./bench/profile-lines.ts";
import { measureChoices } from "./bench/choices.ts";
import { measureReservations } from "./bench/reservations.ts";
import { runRounds } from "./bench/run-rounds.ts";
import { Stage } from "./bench/stage.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string" },
    seconds: { type: "string" },
    only: { type: "string" },
    json: { type: "string" },
    profile: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  return process.exit(2);
}

function number(name: "rounds" | "seconds", usual: number, least: number, most: number): number {
  const value = Number(values[name] ?? usual);
  if (value >= least && value <= most) return value;
  return refuse(`--${name} must be a number from ${least} to ${most}`);
}

const rounds = Math.floor(number("rounds", values.quick ? 1 : 5, 1, 100));
const seconds = number("seconds", values.quick ? 1 : 3, 0.2, 600);

function chosen(): readonly Contender[] {
  if (values.only === undefined) return all;
  const names = values.only.split(",");
  const known = all.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    refuse(`--only ${unknown}: there is no such contender, but ${known.join(", ")}`);
  return all.filter(({ name }) => names.includes(name));
}

const all: readonly Contender[] = [...routers, bare, portkey, litellm];
const contenders = chosen();
const profileFolder = values.profile === undefined ? undefined : resolve(values.profile);
if (profileFolder !== undefined) await mkdir(profileFolder, { recursive: true });

/** Heeded by what runs on Node, and written by what ends of its own accord: the router. */
const nodeFlags = (name: string, round: number): readonly string[] =>
  profileFolder === undefined
    ? []
    : [
        "--cpu-prof",
        "--cpu-prof-interval=500",
        `--cpu-prof-dir=${profileFolder}`,
        `--cpu-prof-name=${name}-${round}.cpuprofile`,
      ];

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const stage = await Stage.open();
try {
  const result = await runRounds(stage, { contenders, rounds, seconds, nodeFlags, say: print });
  const isOurs = ({ name }: Contender) => routers.some((router) => router.name === name);
  const beginnings = contenders.some(isOurs) ? await measureBeginnings(stage) : undefined;
  const reservations = beginnings === undefined ? undefined : await measureReservations();
  const choices = beginnings === undefined ? undefined : await measureChoices();
  const report = benchReport({ ...result, contenders, seconds, beginnings, reservations, choices });
  for (const line of reportLines(report)) print(line);
  if (report.contenders["withSafety"] !== undefined)
    for (const line of filterCostLines()) print(line);
  if (contenders.some(isOurs)) for (const line of await identityCostLines()) print(line);
  if (profileFolder !== undefined)
    for (const line of await profileLines(profileFolder, stage.bundle)) print(line);
  if (values.json !== undefined) await writeFile(values.json, reportJson(report));
} finally {
  await stage.close();
}
