import { hashText, seededRandom } from "../lib/index.ts";

import type { SimulatedModel } from "./catalogue.ts";

/** When the tokens of one answer come, in milliseconds of the model's own time since the request. */
export interface Pace {
  firstTokenMs: number;
  msPerToken: number;
}

// Reading the prompt takes time as well: about 50,000 tokens a second.
const msPerInputToken = 0.02;

/** A log-normal first token, then a steady speed that differs a little from call to call. */
export function paceOf(
  model: SimulatedModel,
  seed: number,
  ordinal: number,
  inputTokens: number,
): Pace {
  const random = seededRandom(hashText(`${seed}|pace|${model.id}|${ordinal}`));
  const { firstTokenMedianMs, firstTokenSigma, tokensPerSecond } = model.speed;
  const firstTokenMs =
    firstTokenMedianMs * Math.exp(firstTokenSigma * normal(random)) + inputTokens * msPerInputToken;
  return { firstTokenMs, msPerToken: 1000 / (tokensPerSecond * (0.85 + 0.3 * random())) };
}

// Box-Muller; one minus the draw keeps the logarithm's argument above nought.
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/**
 * Waits, at most until the signal aborts.
 *
 * @throws the signal's reason
 */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  if (!(ms > 0)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const abandon = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abandon);
      resolve();
    }, ms);
    signal.addEventListener("abort", abandon, { once: true });
  });
}
