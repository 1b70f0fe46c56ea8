import { err, ok, type Result } from "../../lib/index.ts";
import type { Tier } from "../../table/index.ts";
import type { ModelError } from "./model-file.ts";

/** By tier: its place among a model's. */
export type TierPlaces = Readonly<Record<Tier, number>>;

/** From the weakest on. */
const tiers: readonly Tier[] = ["Small", "Medium", "Large", "Frontier"];

/**
 * Where a model has what it says of a tier. A tier that it lacks is judged as the next weaker one that
 * it has, so that nothing is believed of a backend that nobody has seen; below its weakest, as that.
 */
export function tierPlaces(names: readonly string[]): Result<TierPlaces, ModelError> {
  const unknown = names.find((name, place) => !isTier(name) || names.indexOf(name) !== place);
  if (unknown !== undefined) {
    return err({
      code: "TiersUnknown",
      message: `The model judges ${names.join(", ")}; its tiers must be some of ${tiers.join(", ")}, each once`,
    });
  }
  const weakest = tiers.find((tier) => names.includes(tier)) ?? "Small";
  const placeOf = (tier: Tier): number => {
    const weaker = tiers.slice(0, tiers.indexOf(tier) + 1);
    return names.indexOf(weaker.findLast((each) => names.includes(each)) ?? weakest);
  };
  return ok({
    Small: placeOf("Small"),
    Medium: placeOf("Medium"),
    Large: placeOf("Large"),
    Frontier: placeOf("Frontier"),
  });
}

function isTier(name: string): boolean {
  return tiers.some((tier) => tier === name);
}
