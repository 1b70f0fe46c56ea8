import { z } from "zod";
import type { PlanEntry } from "./plan-entry.ts";

const count = z.int().nonnegative();
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const finite = z.number();
/** Far beyond any log-odds: sums of larger ones could come to infinity less infinity, which nothing compares with. */
const logOdds = z.number().min(-1_000).max(1_000);
/** What a fitted ability is far within, for the same reason. */
const abilityWeight = z.number().min(-1e6).max(1e6);
const percent = z.int().min(0).max(100);

const certificate = z.strictObject({
  floorPercent: percent,
  baseline: name,
  confidence: z.number().gt(0).lt(1),
  lowerBound: z.number().nonnegative(),
  labels: z.strictObject({ golden: count, shadow: count, feedback: count }),
  issuedAt: count,
  expiresAt: count,
  prices: digest,
});

const plan = z.strictObject({
  digest,
  lambda: z.number().nonnegative().max(1e12),
  candidates: z
    .array(z.strictObject({ backend: name, handicap: z.number().nonnegative().max(1e9) }))
    .min(1)
    .max(16)
    .refine((all) => new Set(all.map(({ backend }) => backend)).size === all.length, {
      error: "each backend must stand there once",
    }),
  prior: z.array(logOdds).min(2).max(8).exactOptional(),
  model: digest,
  certificate: certificate.nullable(),
});

const interval = z
  .strictObject({ estimate: finite, lower: finite, upper: finite })
  .refine(({ lower, upper }) => lower <= upper, { error: "lower must not exceed upper" });

export const planShape = z.strictObject({
  route: name,
  tenant: name.nullable(),
  current: plan.nullable(),
  next: z.strictObject({ plan, sharePercent: z.int().min(1).max(100) }).exactOptional(),
  measured: z
    .strictObject({
      at: count,
      labels: count,
      requests: count,
      kept: interval.nullable(),
      saved: interval.nullable(),
    })
    .exactOptional(),
  evidence: z
    .strictObject({
      since: count,
      because: z.enum(["Revoked", "RolledBack", "BasisChanged"]).exactOptional(),
      model: digest,
      backends: z.record(name, z.string().max(64)),
    })
    .exactOptional(),
}) satisfies z.ZodType<PlanEntry>;

export const abilityShape = z.strictObject({
  backend: name,
  model: digest,
  weights: z.array(abilityWeight).min(2).max(33),
  labels: count,
  fittedAt: count,
});
