/** Labels for a certificate, by prompt: the same prompts in every one of them. */
export interface PairedLabels {
  /** By rung of the ladder, from always-strongest towards cheap: correctness of what it chose. */
  rungs: readonly Float64Array[];
  /** Correctness of the strongest. */
  strongest: Float64Array;
}

export interface CertifyOptions {
  /** Share of the strongest's correct answers that is to be kept. */
  floor: number;
  /** How surely, one-sided: 0.97, say. */
  confidence: number;
  /**
   * Standard deviation by which the labels' own mean may be off what it stands for, beyond chance:
   * 0 of labels of the policy itself.
   */
  allowance?: number;
}

export interface Certificate {
  /** The rung that is certified; 0, always-strongest, where no other is. */
  rung: number;
  /** Of the mean of correct − floor · strongest's correct: at least 0. */
  lowerBound: number;
  labels: number;
}

/**
 * The cheapest rung whose every step before it keeps the floor by a lower confidence bound on the
 * paired difference. The sequence is fixed and ends at the first failure, so that the chance of a
 * wrong certificate is that of one test, however many rungs there are. Point estimates in its place
 * break the floor in a third of all cases.
 */
export function certify({ rungs, strongest }: PairedLabels, options: CertifyOptions): Certificate {
  let certificate: Certificate = { rung: 0, lowerBound: 0, labels: strongest.length };
  for (const [rung, chosen] of rungs.entries()) {
    if (rung === 0) continue;
    const lowerBound = lowerBoundOf(chosen, strongest, options);
    if (lowerBound < 0) break;
    certificate = { rung, lowerBound, labels: strongest.length };
  }
  return certificate;
}

/** One-sided lower bound on the mean of chosen − floor · strongest. */
export function lowerBoundOf(
  chosen: Float64Array,
  strongest: Float64Array,
  options: CertifyOptions,
): number {
  const differences = chosen.map(
    (correct, place) => correct - options.floor * (strongest[place] ?? 0),
  );
  return meanLowerBound({ values: differences }, options);
}

export interface Sample {
  values: Float64Array;
  /** How many of the population each stands for; absent: all the same. */
  weights?: Float64Array;
}

/** One-sided lower bound on a mean, of values between −1 and 1. */
export function meanLowerBound(
  sample: Sample,
  { confidence, allowance = 0 }: Pick<CertifyOptions, "confidence" | "allowance">,
): number {
  const { mean, spread, count } = weighedMean(sample);
  if (count < 2) return -Infinity;
  // Two labels more that disagree, one each way: where nearly all go to the strongest, the few that do
  // not may by chance all agree, and a spread of nothing must not pass for certainty.
  const variance = spread + 2 / (count * (count - 1));
  return mean - studentQuantile(confidence, count - 1) * Math.sqrt(variance + allowance ** 2);
}

export interface WeighedMean {
  mean: number;
  /** Square of the mean's standard error. */
  spread: number;
  /** As many values of the same weight would tell as much. */
  count: number;
}

/** By the weights' own scatter the fewer count the more, which is what unequal weights cost. */
export function weighedMean({ values, weights }: Sample): WeighedMean {
  let total = 0;
  let squares = 0;
  let sum = 0;
  for (const [place, value] of values.entries()) {
    const weight = weights?.[place] ?? 1;
    total += weight;
    squares += weight * weight;
    sum += weight * value;
  }
  if (total === 0) return { mean: 0, spread: 0, count: 0 };
  const mean = sum / total;
  const count = (total * total) / squares;
  let scatter = 0;
  for (const [place, value] of values.entries()) {
    scatter += ((weights?.[place] ?? 1) * (value - mean)) ** 2;
  }
  return { mean, spread: count < 2 ? 0 : (scatter / total ** 2) * (count / (count - 1)), count };
}

/** Of Student's t, by Cornish and Fisher's expansion: good to a thousandth from ten labels on. */
export function studentQuantile(confidence: number, freedom: number): number {
  const z = normalQuantile(confidence);
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return z + first / freedom + second / freedom ** 2;
}

/** Of the standard normal, by bisection on the distribution function. */
export function normalQuantile(share: number): number {
  let [low, high] = [-9, 9];
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The standard normal's distribution function, by the continued fraction of its tail and its series. */
export function normalShare(value: number): number {
  const from = Math.abs(value);
  const density = Math.exp((-from * from) / 2) / Math.sqrt(2 * Math.PI);
  const tail = from < 3 ? 0.5 - density * seriesOf(from) : density / fractionOf(from);
  return value < 0 ? tail : 1 - tail;
}

function seriesOf(from: number): number {
  let term = from;
  let sum = from;
  for (let step = 1; step < 100; step += 1) {
    term *= (from * from) / (2 * step + 1);
    sum += term;
  }
  return sum;
}

function fractionOf(from: number): number {
  let fraction = from;
  for (let step = 60; step > 0; step -= 1) fraction = from + step / fraction;
  return fraction;
}
