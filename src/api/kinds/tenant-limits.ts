import { z } from "zod";
import { invariant } from "./invariant.ts";
import { usd } from "./scalars.ts";

const tokens = () => z.int().min(1).max(Number.MAX_SAFE_INTEGER);

export const budget = invariant(
  z
    .strictObject({
      window: z
        .enum(["Hour", "Day", "Month"])
        .describe("The calendar window that the budget is for: Hour, Day or Month."),
      timeZone: z
        .string()
        .max(64)
        .regex(
          /^[A-Za-z0-9][A-Za-z0-9+_/-]*$/,
          "write a time zone of the IANA database, such as Europe/Zurich or UTC",
        )
        .default("UTC")
        .describe(
          "The IANA time zone in which the window begins, such as Europe/Zurich. Default UTC.",
        ),
      usd: usd()
        .describe(
          'How much may be spent within the window, in US dollars as a decimal string such as "250".',
        )
        .exactOptional(),
      tokens: tokens()
        .describe("How many tokens, of input and output together, may be used within the window.")
        .exactOptional(),
      onExceeded: z
        .enum(["Reject", "Downgrade", "Observe"])
        .default("Reject")
        .describe(
          "What happens when it is used up: Reject refuses requests, Downgrade serves the cheapest candidate, Observe only says so. Default Reject.",
        ),
    })
    .describe("A bound on what the tenant spends or uses within a window."),
  {
    cel: "has(self.usd) != has(self.tokens)",
    message:
      "Set either usd or tokens in each budget, and not both: write two budgets for two bounds.",
    holds: (each) => (each.usd === undefined) !== (each.tokens === undefined),
  },
);

const perMinute = () => z.int().min(1).max(1_000_000_000);

export const rateLimits = z
  .strictObject({
    requestsPerMinute: perMinute()
      .describe(
        "How many requests a minute the tenant may make; a minute's worth may come at once. Absent: no bound.",
      )
      .exactOptional(),
    tokensPerMinute: perMinute()
      .describe(
        "How many tokens a minute, of input and output together; a minute's worth may come at once. Absent: no bound.",
      )
      .exactOptional(),
    concurrent: z
      .int()
      .min(1)
      .max(1_000_000)
      .describe("The most requests that the tenant may have open at a time. Absent: no bound.")
      .exactOptional(),
  })
  .describe("Bounds on how fast the tenant may call. Absent: none.");
