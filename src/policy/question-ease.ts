import type { LabelledPrompt } from "./labelled-prompt.ts";
import { evenRidge, fitLogistic, logistic } from "./regression.ts";

const rounds = 6;
const newtonSteps = 4;
/** How firmly a model's two numbers are held near 0. */
const ridge = evenRidge(2, 0.5);

/**
 * How easy each prompt is, in standard deviations, by an item-response model fitted to every model
 * that was judged on it, source by source. Fourteen models' answers tell it with a fraction of the
 * noise that one model's has, and it is what all tiers have in common.
 *
 * @param besides models that are left out, as if nobody had asked them
 */
export function questionEase(
  prompts: readonly LabelledPrompt[],
  besides: ReadonlySet<string> = new Set(),
): Float64Array {
  const ease = new Float64Array(prompts.length);
  const places = Map.groupBy(prompts.keys(), (place) => prompts[place]?.source ?? "");
  for (const ofSource of places.values()) {
    const judged = ofSource.map((place) => prompts[place]?.judged ?? {});
    const found = easeWithin(judged, besides);
    for (const [index, place] of ofSource.entries()) ease[place] = found[index] ?? 0;
  }
  return ease;
}

function easeWithin(
  judged: readonly LabelledPrompt["judged"][],
  besides: ReadonlySet<string>,
): Float64Array {
  const models = [...new Set(judged.flatMap((each) => Object.keys(each)))]
    .filter((name) => !besides.has(name))
    .toSorted();
  const answers = models.map((name) => Float64Array.from(judged, (each) => each[name] ?? 0));
  const ease = Float64Array.from(judged, (_, place) => {
    const right = answers.reduce((sum, ofModel) => sum + (ofModel[place] ?? 0), 0);
    return (right / Math.max(1, models.length) - 0.5) * 4;
  });
  for (let round = 0; round < rounds; round += 1) {
    const inputs = Array.from(ease, (each) => [each]);
    const fits = answers.map((ofModel) => fitLogistic(inputs, ofModel, ridge));
    for (let place = 0; place < ease.length; place += 1) {
      const right = answers.map((ofModel) => ofModel[place] ?? 0);
      ease[place] = easeOf(right, fits, ease[place] ?? 0);
    }
  }
  return ease;
}

/** The likeliest ease of a prompt under a standard normal prior, from a first guess. */
function easeOf(right: readonly number[], fits: readonly number[][], guess: number): number {
  let ease = guess;
  for (let step = 0; step < newtonSteps; step += 1) {
    let slope = -ease;
    let curve = 1;
    for (const [model, [constant = 0, gain = 0]] of fits.entries()) {
      const chance = logistic(constant + gain * ease);
      slope += ((right[model] ?? 0) - chance) * gain;
      curve += chance * (1 - chance) * gain * gain;
    }
    ease += slope / curve;
  }
  return ease;
}
