import {
  certificateLifeMs,
  planDigest,
  type Certificate,
  type Plan,
  type PlanEntry,
  type UnsignedPlan,
} from "../../src/table/index.ts";

export const certificate = (change: Partial<Certificate> = {}): Certificate => ({
  floorPercent: 95,
  baseline: "large",
  confidence: 0.95,
  lowerBound: 0.01,
  labels: { golden: 400, shadow: 100, feedback: 0 },
  issuedAt: 4_102_444_800_000 - certificateLifeMs,
  expiresAt: 4_102_444_800_000,
  prices: "0".repeat(64),
  ...change,
});

/** A plan that may choose the backends `small` and `large`, with the digest of what it then says. */
export function plan(change: Partial<UnsignedPlan> = {}): Plan {
  const content: UnsignedPlan = {
    lambda: 10,
    candidates: [
      { backend: "small", handicap: 0 },
      { backend: "large", handicap: 0 },
    ],
    model: "a".repeat(64),
    certificate: certificate(),
    ...change,
  };
  return { ...content, digest: planDigest(content) };
}

/** The pooled plan of the route `chat`, where nothing else is said. */
export const planEntry = (change: Partial<PlanEntry> = {}): PlanEntry => ({
  route: "chat",
  tenant: null,
  current: plan(),
  ...change,
});
