import { seededRandom, type Random } from "../../src/lib/index.ts";
import { planDefaults, type PlanInput, type PlanOutput } from "../../src/policy/index.ts";
import type { EvidenceRow } from "../../src/records/index.ts";
import { decide } from "../../src/routing/index.ts";
import type { Plan, RouteEntry, TenantEntry } from "../../src/table/index.ts";
import { backendEntry, byName, pricedAt, routeEntry } from "../unit/routing/sample-entries.ts";

export const worldModel = "c".repeat(64);
export const hour = 3_600_000;

/** What is true of a made-up world and hidden from the planner. */
export interface World {
  random: Random;
  /** By backend: log-odds of a correct answer to a question of difficulty 0. */
  ability: number[];
  /** By backend: how far the classifier is off. */
  mistake: number[];
  /** How blurred the classifier sees what is hard. */
  blur: number;
}

export const worldBackends = [
  backendEntry("small", { tier: "Small", prices: pricedAt(0.1, 0.4) }),
  backendEntry("medium", { tier: "Medium", prices: pricedAt(0.8, 4) }),
  backendEntry("large", { tier: "Frontier", prices: pricedAt(3, 15) }),
];
const usdPerToken = [0.4e-6, 4e-6, 15e-6];
const names = worldBackends.map(({ name }) => name);
const last = names.length - 1;

/** A world whose classifier is wrong by a different amount about each backend. */
export function drawWorld(seed: number): World {
  const random = seededRandom(seed);
  const near = (middle: number, width: number): number => middle + width * (2 * random() - 1);
  return {
    random,
    ability: [near(0.3, 0.5), near(1, 0.5), near(1.6, 0.3)],
    mistake: [near(0, 0.7), near(0, 0.7), near(0, 0.7)],
    blur: near(0.8, 0.6),
  };
}

const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** A question: how probably each backend answers it, what the classifier believes, and what answers cost. */
export interface Question {
  truth: Float64Array;
  believed: Float64Array;
  costUsd: Float64Array;
}

/** @param harder shifts what is asked, as another tenant's mix is */
function ask(world: World, harder = 0): Question {
  const { random, ability, mistake, blur } = world;
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(7 * random());
  const difficulty = harder + 1.6 * normal();
  const seen = difficulty + blur * normal();
  const tokens = 100 + 600 * random();
  return {
    truth: Float64Array.from(ability, (each) => logistic(each - difficulty)),
    believed: Float64Array.from(ability, (each, place) =>
      logistic(each + (mistake[place] ?? 0) - seen),
    ),
    costUsd: Float64Array.from(usdPerToken, (each) => each * tokens),
  };
}

interface Served {
  tenant: string | null;
  plan: Plan | undefined;
  /** Share of the requests that are compared with another answer. */
  shadowShare: number;
  controlShare: number;
  ts: number;
  /** How much worse every backend but the baseline answers than it once did, in log-odds. */
  drift: number;
  harder: number;
  /** What the ids begin with. */
  tag: string;
}

const asUsual: Served = {
  tenant: null,
  plan: undefined,
  shadowShare: 1,
  controlShare: 0,
  ts: 1_000,
  drift: 0,
  harder: 0,
  tag: "r",
};

/** What the router's own rule makes of a plan. */
function choiceOf(plan: Plan | undefined, { believed, costUsd }: Question): number {
  if (plan === undefined) return last;
  const held = Float64Array.from(
    believed,
    (p, place) =>
      p - (plan.candidates.find(({ backend }) => backend === names[place])?.handicap ?? Infinity),
  );
  return decide(held, costUsd, plan.lambda);
}

/** A request as its record and labels tell of it, with a shadow drawn as the router draws one. */
export function serve(world: World, id: number, served: Partial<Served> = {}): EvidenceRow {
  const { plan, tenant, shadowShare, controlShare, ts, drift, harder, tag } = {
    ...asUsual,
    ...served,
  };
  const { random } = world;
  const question = ask(world, harder);
  const isControl = random() < controlShare;
  const chosen = isControl ? last : choiceOf(plan, question);
  const other = chosen === last ? Math.floor(random() * last) : last;
  const judged = random() < shadowShare ? [chosen, other] : [];
  return {
    ...requestRow(question, chosen),
    requestId: `${tag}${id}`,
    promptId: `${tag}${id}`,
    tenant,
    ts: ts + id,
    arm: isControl ? "control" : null,
    planDigest: plan?.digest ?? null,
    labels: judged.map((place) => ({
      backend: names[place] ?? "",
      score: random() < driftedTruth(question, place, drift) ? 1 : 0,
      source: "shadow",
    })),
  };
}

function driftedTruth({ truth }: Question, place: number, drift: number): number {
  const p = truth[place] ?? 0;
  return place === last ? p : logistic(Math.log(p / (1 - p)) - drift);
}

function requestRow(question: Question, chosen: number): EvidenceRow {
  return {
    requestId: "",
    promptId: "",
    route: "chat",
    tenant: null,
    ts: 0,
    arm: null,
    options: names.map((backend, place) => ({
      backend,
      p: question.believed[place] ?? 0,
      expectedCostUsd: question.costUsd[place] ?? 0,
      inEnvelope: true,
    })),
    chosen: names[chosen] ?? null,
    costUsd: question.costUsd[chosen] ?? 0,
    baselineCostUsd: question.costUsd[last] ?? 0,
    tokens: 500,
    firstTokenMs: 200,
    latencyMs: 900,
    failed: false,
    classifierDigest: worldModel,
    isFamiliar: true,
    planDigest: null,
    labels: [],
  };
}

/** A prompt of a golden set, which every candidate has answered in a request of its own. */
export function goldenPrompt(world: World, id: number, ts = 1_000): EvidenceRow[] {
  const question = ask(world);
  return names.map((backend, place) => ({
    ...requestRow(question, place),
    requestId: `g${id}-${backend}`,
    promptId: `golden:set/${id}`,
    ts,
    arm: "golden",
    labels: [
      { backend, score: world.random() < (question.truth[place] ?? 0) ? 1 : 0, source: "golden" },
    ],
  }));
}

export const many = <T>(count: number, make: (id: number) => T): T[] =>
  Array.from({ length: count }, (_, id) => make(id));

export const worldRoute = (changes: Partial<RouteEntry> = {}): RouteEntry =>
  routeEntry(worldBackends, {
    quality: { floorPercent: 95, assurance: "Certified" },
    ...changes,
  });

/** What the planner is given where nothing else is said. */
export function planInput(
  evidence: readonly EvidenceRow[],
  changes: Partial<PlanInput> & { route?: RouteEntry; tenants?: readonly TenantEntry[] } = {},
): PlanInput {
  const { route = worldRoute(), tenants = [], ...rest } = changes;
  return {
    table: {
      routes: { [route.name]: route },
      backends: byName(worldBackends),
      tenants: Object.fromEntries(tenants.map((tenant) => [tenant.name, tenant])),
    },
    evidence,
    previous: [],
    now: 24 * hour,
    builtInClassifier: worldModel,
    settings: { ...planDefaults, rollout: [] },
    ...rest,
  };
}

/** The plan that a route's or a tenant's requests follow. */
export function currentOf({ plans }: PlanOutput, tenant: string | null = null): Plan | undefined {
  return plans.find((entry) => entry.tenant === tenant)?.current ?? undefined;
}

/** What a plan really keeps and saves, by the truth of fresh questions and the router's own rule. */
export function truthOf(
  world: World,
  plan: Plan | undefined,
  { count = 2_000, harder = 0 } = {},
): { kept: number; saved: number; shares: number[] } {
  const fresh = { ...world, random: seededRandom(99) };
  const sums = { chosen: 0, baseline: 0, cost: 0, dear: 0 };
  const shares = names.map(() => 0);
  for (let id = 0; id < count; id += 1) {
    const question = ask(fresh, harder);
    const choice = choiceOf(plan, question);
    sums.chosen += question.truth[choice] ?? 0;
    sums.baseline += question.truth[last] ?? 0;
    sums.cost += question.costUsd[choice] ?? 0;
    sums.dear += question.costUsd[last] ?? 0;
    shares[choice] = (shares[choice] ?? 0) + 1 / count;
  }
  return { kept: sums.chosen / sums.baseline, saved: 1 - sums.cost / sums.dear, shares };
}
