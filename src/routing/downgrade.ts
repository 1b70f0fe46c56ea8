import type { Choice } from "./choice.ts";

/** The same candidates with the cheapest first, for a tenant that has spent what it had for better ones. */
export function downgrade(choice: Choice): Choice {
  const chain = choice.chain.toSorted(
    (left, right) => left.estimates.costPicoUsd - right.estimates.costPicoUsd,
  );
  const [first] = chain;
  if (first === undefined) return choice;
  const judged = choice.considered.find(({ backend }) => backend === first.backend);
  return {
    ...choice,
    chain,
    reason: "downgraded",
    envelopeMissed: judged?.inEnvelope === false,
    confidence: first.p,
  };
}
