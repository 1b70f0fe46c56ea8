import { z } from "zod";

const bound = z.number();

const measured = z
  .object({
    estimate: bound.describe("the estimate"),
    lower: bound.describe("the lower end of its 95 % interval"),
    upper: bound.describe("the upper end"),
  })
  .nullable();

/** The plan that a request followed, as its record tells it: what was believed of it then. */
export const planFacts = z.object({
  tenant: z.boolean().describe("whether it is the tenant's own, not the route's pooled one"),
  lambda: z.number().describe("the correctness that a dollar had to buy"),
  rollout: z
    .enum(["current", "next"])
    .describe("whether it is the plan in force or a newer one that a share of requests follows"),
  certified: z.boolean().describe("whether it has a certificate"),
  floor_percent: z
    .number()
    .nullable()
    .describe("the share of the baseline's correctness that is certified, in per cent"),
  lower_bound: z
    .number()
    .nullable()
    .describe("the certified lower bound of the correctness kept beyond that floor"),
  expires_at: z.iso.datetime().nullable().describe("when the certificate expires, UTC"),
  kept: measured.describe("the share of the baseline's correctness kept, as last measured"),
  saved: measured.describe("the share of the baseline's cost saved, as last measured"),
});

export type PlanFacts = z.infer<typeof planFacts>;
