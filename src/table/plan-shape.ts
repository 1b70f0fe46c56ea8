import { z } from "zod";
import type { PlanEntry } from "./plan-entry.ts";

const count = z.int().nonnegative();
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const finite = z.number();
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
  lambda: z.number().nonnegative(),
  candidates: z
    .array(z.strictObject({ backend: name, handicap: finite }))
    .min(1)
    .max(16),
  prior: z.array(finite).min(2).max(8).exactOptional(),
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
  weights: z.array(finite).min(2).max(33),
  labels: count,
  fittedAt: count,
});
