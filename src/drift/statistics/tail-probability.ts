// Tail probabilities that findings state. All by the incomplete beta function, whose continued
// fraction needs some tens of steps for what is counted here.

const lanczos = [
  76.18009172947146, -86.5053203294168, 24.01409824083091, -1.231739572450155,
  0.1208650973866179e-2, -0.5395239384953e-5,
];

function logGamma(value: number): number {
  const shifted = value + 5.5 - (value + 0.5) * Math.log(value + 5.5);
  let series = 1.000000000190015;
  for (const [index, coefficient] of lanczos.entries()) series += coefficient / (value + 1 + index);
  return -shifted + Math.log((Math.sqrt(2 * Math.PI) * series) / value);
}

const tiny = 1e-300;
const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);

/** Lentz's way; more steps than this change nothing that is printed. */
const mostSteps = 400;

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let step = 1; step <= mostSteps; step += 1) {
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return value;
}

/** The regularised incomplete beta function, for a and b above 0. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

/** How probably Student's t of that many degrees of freedom is at least so far from 0, either way. */
export const studentTail = (t: number, freedom: number): number =>
  incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);

/** How probably an F of these degrees of freedom is at least as large. */
export const fisherTail = (ratio: number, above: number, below: number): number =>
  incompleteBeta(below / (below + above * ratio), below / 2, above / 2);

/** Of more trials the tail is as good as normal, and its fraction slow. */
const mostTrials = 100_000;

/**
 * How probably at least `hits` of `trials` succeed, or at most, whichever is less; twice that, 1 at
 * most. 0 for more trials than 100,000: nothing that a share's spread does not tell better.
 */
export function binomialTail(hits: number, trials: number, share: number): number {
  if (trials > mostTrials) return 0;
  const atLeast = hits <= 0 ? 1 : incompleteBeta(share, hits, trials - hits + 1);
  const atMost = hits >= trials ? 1 : 1 - incompleteBeta(share, hits + 1, trials - hits);
  return Math.min(1, 2 * Math.min(atLeast, atMost));
}
