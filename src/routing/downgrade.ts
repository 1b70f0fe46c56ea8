import type { Choice } from "./choice.ts";

/** The same candidates with the cheapest first, for a tenant that has spent what it had for better ones. */
export function downgrade(choice: Choice): Choice {
  const chain = choice.chain.toSorted(
    (left, right) => left.estimates.costPicoUsd - right.estimates.costPicoUsd,
  );
  const [first] = chain;
  if (first === undefined) return choice;
  const judged = choice.considered.find(({ backend }) => backend === first.backend);
  const isMoved = first.backend !== choice.chain[0]?.backend;
  return {
    ...choice,
    ...(isMoved ? unplanned(choice) : {}),
    chain,
    reason: "downgraded",
    // Whom the budget moves away from the baseline is not to be compared as if it had served.
    arm: isMoved ? null : choice.arm,
    envelopeMissed: judged?.inEnvelope === false,
    confidence: first.p,
  };
}

/** What the budget chose is none of the plan's: neither its answers nor its savings are held for or against it. */
function unplanned({ classifier }: Choice): Pick<Choice, "plan" | "confidenceSource"> {
  return { plan: null, confidenceSource: classifier === null ? "tier" : "classifier" };
}
