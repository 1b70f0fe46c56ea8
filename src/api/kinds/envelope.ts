import { z } from "zod";
import { duration, usd } from "./scalars.ts";

/** The bounds that a request is to be served within. */
export const envelope = z.strictObject({
  firstTokenP95: duration()
    .describe(
      "The longest that 95 of 100 requests may wait for their first token, as a duration such as 800ms. Absent: no bound.",
    )
    .exactOptional(),
  totalP95: duration()
    .describe(
      "The longest that 95 of 100 requests may take from beginning to end, as a duration such as 8s. Absent: no bound.",
    )
    .exactOptional(),
  maxUsdPerRequest: usd()
    .describe(
      'The most that one request may be expected to cost, in US dollars as a decimal string such as "0.02". Absent: no bound.',
    )
    .exactOptional(),
});

export type EnvelopeSpec = z.output<typeof envelope>;
