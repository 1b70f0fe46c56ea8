import { z } from "zod";
import { envelope } from "./envelope.ts";
import { labelSelector } from "./label-selector.ts";
import { keyedList, list, set } from "./lists.ts";
import { safetyFilter } from "./safety-filter.ts";
import { label, reference, region } from "./scalars.ts";
import { subject } from "./subject.ts";
import { budget, rateLimits } from "./tenant-limits.ts";

export const tenantPolicySpec = z
  .strictObject({
    subjects: list(subject, { max: 64 })
      .default([])
      .describe(
        "Who is this tenant: keys, tokens and ServiceAccounts. A subject in two policies belongs to the older one. Default none: nobody is let in.",
      ),
    routes: z
      .strictObject({ selector: labelSelector })
      .describe("The routes that the tenant may call. Absent: none.")
      .exactOptional(),
    allowedBackends: keyedList(
      reference("The name of a ModelBackend of the same namespace.").describe(
        "A backend that may serve the tenant.",
      ),
      {
        key: "name",
        min: 1,
        max: 64,
      },
    )
      .describe(
        "The only backends that may serve the tenant, whatever the routes say. Absent: every backend of its routes.",
      )
      .exactOptional(),
    residency: z
      .strictObject({
        regions: set(region().describe("An AWS region."), { min: 1, max: 32 }).describe(
          "The AWS regions in which the tenant's requests may be processed.",
        ),
      })
      .describe(
        "Where the tenant's requests may be processed. A backend that may process elsewhere, or does not say where, never serves it. Absent: anywhere.",
      )
      .exactOptional(),
    dataClasses: set(label().describe("The name of a data class, as backends use it."), { max: 32 })
      .default([])
      .describe(
        "Which classes of data the tenant's traffic may hold; a backend must be cleared for all of them. Default none.",
      ),
    envelope: envelope
      .describe("Ceilings over the routes' envelopes: of two bounds the tighter one holds.")
      .prefault({}),
    budgets: list(budget, { max: 8 })
      .describe("Bounds on what the tenant spends or uses within a window. Absent: none.")
      .exactOptional(),
    rateLimits: rateLimits.exactOptional(),
    safety: keyedList(safetyFilter, { key: "name", max: 32 })
      .describe(
        "Filters that every route must run for this tenant, beside the route's own. Absent: none.",
      )
      .exactOptional(),
    enforcement: z
      .enum(["Enforce", "Observe"])
      .default("Enforce")
      .describe(
        "Whether allowedBackends, envelope, budgets, rateLimits and safety are enforced, or only what they would have refused is said. Subjects, routes, residency and dataClasses always hold. Default Enforce.",
      ),
    storeFailure: z
      .enum(["FailOpen", "FailClosed"])
      .default("FailOpen")
      .describe(
        "What happens to requests while the store that counts budgets and limits is out of reach: FailOpen serves them uncounted, FailClosed refuses them. Default FailOpen.",
      ),
    plan: z
      .strictObject({
        enabled: z
          .boolean()
          .describe(
            "Whether a plan is made for the tenant. Without one the route's pooled plan serves it.",
          ),
      })
      .describe(
        "The routing policy that is computed for this tenant from its own records. Absent: none is.",
      )
      .exactOptional(),
  })
  .describe(
    "Who a tenant is, what it may call, and within which bounds. The policy's name is the tenant's.",
  );

export type TenantPolicySpec = z.output<typeof tenantPolicySpec>;
