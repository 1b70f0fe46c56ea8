import { z } from "zod";
import { invariants, type Invariant } from "./invariant.ts";
import { usd } from "./scalars.ts";

const perMTok = (what: string) =>
  usd().describe(
    `The price of a million ${what}, in US dollars as a decimal string such as "3.00".`,
  );

const cachePrices = {
  cacheReadPerMTok: perMTok(
    "input tokens read from the prompt cache. Absent: the input price",
  ).exactOptional(),
  cacheWrite5mPerMTok: perMTok(
    "input tokens written to the prompt cache for five minutes. Absent: the input price",
  ).exactOptional(),
  cacheWrite1hPerMTok: perMTok(
    "input tokens written to the prompt cache for an hour. Absent: the input price",
  ).exactOptional(),
};

const longContext = z
  .strictObject({
    overTokens: z
      .int()
      .min(1)
      .max(100_000_000)
      .describe(
        "The prices below hold for a whole request whose input is longer than this many tokens.",
      ),
    inputPerMTok: perMTok("input tokens of such a request"),
    outputPerMTok: perMTok("output tokens of such a request"),
    ...cachePrices,
  })
  .describe("Other prices for requests with long inputs, where the provider has them.");

const fields = z
  .strictObject({
    inputPerMTok: perMTok("input tokens").exactOptional(),
    outputPerMTok: perMTok("output tokens").exactOptional(),
    ...cachePrices,
    longContext: longContext.exactOptional(),
    guardrailPerUnit: usd()
      .describe(
        'The price of one text unit (1,000 characters) of the guardrail, in US dollars as a decimal string such as "0.00015".',
      )
      .exactOptional(),
    instanceHourly: usd()
      .describe(
        'The price of an hour of the instances behind the backend, in US dollars as a decimal string such as "1.408". Token prices are optional then.',
      )
      .exactOptional(),
  })
  .describe(
    "What the backend costs. Prices decide which candidate is the cheapest, so keep them current.",
  );

const rules: readonly Invariant<z.output<typeof fields>>[] = [
  {
    cel: "has(self.instanceHourly) || (has(self.inputPerMTok) && has(self.outputPerMTok))",
    message:
      "Set pricing.inputPerMTok and pricing.outputPerMTok; only a backend with pricing.instanceHourly may leave them out.",
    holds: (each) =>
      each.instanceHourly !== undefined ||
      (each.inputPerMTok !== undefined && each.outputPerMTok !== undefined),
  },
  {
    cel: "has(self.inputPerMTok) == has(self.outputPerMTok)",
    message: "Set both pricing.inputPerMTok and pricing.outputPerMTok, or neither.",
    holds: (each) => (each.inputPerMTok === undefined) === (each.outputPerMTok === undefined),
  },
  {
    cel: "has(self.inputPerMTok) || !(has(self.cacheReadPerMTok) || has(self.cacheWrite5mPerMTok) || has(self.cacheWrite1hPerMTok) || has(self.longContext))",
    message:
      "Set pricing.inputPerMTok and pricing.outputPerMTok as well: cache and long-context prices only vary them.",
    holds: (each) =>
      each.inputPerMTok !== undefined ||
      [
        each.cacheReadPerMTok,
        each.cacheWrite5mPerMTok,
        each.cacheWrite1hPerMTok,
        each.longContext,
      ].every((price) => price === undefined),
  },
];

export const pricing = invariants(fields, rules);
