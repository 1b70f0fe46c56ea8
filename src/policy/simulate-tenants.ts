import { seededRandom, type Random } from "../lib/index.ts";
import { confidence } from "./issue-policies.ts";
import { certify, type PairedLabels } from "./certify.ts";
import { assignByLambda, lambdaLadder } from "./lambda-policy.ts";
import { pairedLabels, pickLabels } from "./paired-labels.ts";
import type { ScoredPrompt } from "./scored-prompt.ts";
import { momentsOf, tenantLowerBound, type PoolEvidence } from "./tenant-bound.ts";

export interface TenantSettings {
  tenants: number;
  labels: number;
  unlabelled: number;
  floor: number;
  confidence: number;
  betweenTenants: number;
  seed: number;
}

const tenantDefaults: TenantSettings = {
  tenants: 240,
  labels: 150,
  unlabelled: 2_000,
  floor: 0.95,
  confidence,
  betweenTenants: 0.02,
  seed: 1,
};

/** What became of all tenants under one way to give each its λ. */
export interface TenantOutcome {
  /** Mean over tenants. */
  saved: number;
  /** Share of the tenants whose traffic falls below the floor. */
  under: number;
  /** The least share of the strongest's correct answers that any tenant kept. */
  worst: number;
}

export interface TenantOutcomes {
  globalLambda: TenantOutcome;
  ownLabels: TenantOutcome;
  shrunk: TenantOutcome;
}

/**
 * Tenants whose traffic is each another mix of the routes at hand. A tenant's labels and prompts are
 * drawn with replacement from its mix, and what it really keeps is the mean over the mix itself: no
 * noise of a test set is in the share of tenants under the floor.
 */
export function simulateTenants(
  scored: readonly ScoredPrompt[],
  settings: TenantSettings = tenantDefaults,
): TenantOutcomes {
  const world = worldOf(scored, settings.floor);
  const random = seededRandom(settings.seed);
  const tenants = Array.from({ length: settings.tenants }, () =>
    drawTenant(world, settings, random),
  );
  const pool = tenants.flatMap(({ labelled }) => labelled);
  const global = certify(pickLabels(world.labels, pool), settings);
  const pools = world.real.map((_, rung) => poolOf(world, rung, pool, settings));
  const outcome = (rungOf: (tenant: Tenant) => number): TenantOutcome =>
    outcomeOf(world, tenants, settings.floor, rungOf);
  return {
    globalLambda: outcome(() => global.rung),
    ownLabels: outcome(
      ({ labelled }) => certify(pickLabels(world.labels, labelled), settings).rung,
    ),
    shrunk: outcome((tenant) => shrunkRung(world, tenant, pools, settings.confidence)),
  };
}

/** By rung, then by prompt. */
interface World {
  scored: readonly ScoredPrompt[];
  labels: PairedLabels;
  /** chosen − floor · strongest, as it is and as the classifier guesses it. */
  real: readonly Float64Array[];
  guessed: readonly Float64Array[];
  costUsd: readonly Float64Array[];
  byRoute: readonly (readonly number[])[];
}

function worldOf(scored: readonly ScoredPrompt[], floor: number): World {
  const assignments = lambdaLadder.map((lambda) => assignByLambda(scored, lambda));
  const difference = (of: (each: ScoredPrompt) => ArrayLike<number>): Float64Array[] =>
    assignments.map((assignment) =>
      Float64Array.from(scored, (each, place) => {
        const values = of(each);
        return (values[assignment[place] ?? 0] ?? 0) - floor * (values[values.length - 1] ?? 0);
      }),
    );
  return {
    scored,
    labels: pairedLabels(scored),
    real: difference(({ prompt }) => prompt.correct),
    guessed: difference(({ correct }) => correct),
    costUsd: assignments.map((assignment) =>
      Float64Array.from(scored, ({ prompt }, place) => prompt.costUsd[assignment[place] ?? 0] ?? 0),
    ),
    byRoute: [...Map.groupBy(scored.keys(), (place) => scored[place]?.prompt.route).values()],
  };
}

interface Tenant {
  /** By prompt: its share of the tenant's traffic. */
  mix: Float64Array;
  labelled: readonly number[];
  unlabelled: readonly number[];
}

/** A few routes carry most of a tenant's traffic. */
const evenness = 0.3;

function drawTenant(world: World, settings: TenantSettings, random: Random): Tenant {
  const weights = world.byRoute.map(() => -Math.log(1 - random()) * random() ** (1 / evenness));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mix = new Float64Array(world.scored.length);
  for (const [route, places] of world.byRoute.entries()) {
    for (const place of places) mix[place] = (weights[route] ?? 0) / total / places.length;
  }
  const draw = (): number => {
    let left = random() * total;
    const route = weights.findIndex((weight) => (left -= weight) < 0);
    const places = world.byRoute[route] ?? [];
    return places[Math.floor(random() * places.length)] ?? 0;
  };
  return {
    mix,
    labelled: Array.from({ length: settings.labels }, draw),
    unlabelled: Array.from({ length: settings.unlabelled }, draw),
  };
}

const pick = (from: Float64Array | undefined, places: readonly number[]): Float64Array =>
  Float64Array.from(places, (place) => from?.[place] ?? 0);

function poolOf(
  world: World,
  rung: number,
  pool: readonly number[],
  { betweenTenants, tenants }: TenantSettings,
): PoolEvidence {
  const real = pick(world.real[rung], pool);
  const guessed = pick(world.guessed[rung], pool);
  const { mean, variance } = momentsOf(real.map((each, place) => each - (guessed[place] ?? 0)));
  const errorSpread = Math.sqrt(variance / pool.length + betweenTenants ** 2 / tenants);
  return { error: mean, errorSpread, betweenTenants };
}

function shrunkRung(
  world: World,
  tenant: Tenant,
  pools: readonly PoolEvidence[],
  confidence: number,
): number {
  let certified = 0;
  for (const [rung, pool] of pools.entries()) {
    if (rung === 0) continue;
    const evidence = {
      labelled: {
        real: pick(world.real[rung], tenant.labelled),
        guessed: pick(world.guessed[rung], tenant.labelled),
      },
      unlabelled: pick(world.guessed[rung], tenant.unlabelled),
    };
    if (tenantLowerBound(evidence, pool, confidence) < 0) break;
    certified = rung;
  }
  return certified;
}

function outcomeOf(
  world: World,
  tenants: readonly Tenant[],
  floor: number,
  rungOf: (tenant: Tenant) => number,
): TenantOutcome {
  let saved = 0;
  let under = 0;
  let worst = Infinity;
  for (const tenant of tenants) {
    const rung = rungOf(tenant);
    const mean = (values: Float64Array | undefined): number =>
      tenant.mix.reduce((sum, share, place) => sum + share * (values?.[place] ?? 0), 0);
    const kept = mean(world.labels.rungs[rung]) / mean(world.labels.strongest);
    saved += 1 - mean(world.costUsd[rung]) / mean(world.costUsd[0]);
    if (kept < floor) under += 1;
    worst = Math.min(worst, kept);
  }
  return { saved: saved / tenants.length, under: under / tenants.length, worst };
}
