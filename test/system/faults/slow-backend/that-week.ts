// The week that the project began with: one Bedrock endpoint answers a tenth of its calls five
// seconds late, and the rest as ever. All times here are the model's own, before they are scaled.
import { simulatedModels, type Fault } from "../../../../src/simulators/index.ts";
import {
  backendOf,
  models,
  routeOf,
  type LocalResource,
} from "../../../support/local-resources.ts";

/** Per cent of the primary's calls that are late, and by how many milliseconds. */
export const slowPercent = 10;
export const lateByMs = 5_000;

const played = simulatedModels.find(({ id }) => id === models.sonnet);
if (played === undefined) throw new Error(`No simulator plays ${models.sonnet}`);

/** USD for each input token. */
export const inputUsd = Number(played.pricing.inputPerMTok) / 1e6;

/** Median of its first token, in milliseconds. */
export const usualFirstTokenMs = played.speed.firstTokenMedianMs;

/** The same model twice, as inference profiles are: only the primary's calls are ever late. */
const primary = `us.${models.sonnet}`;
const standby = `global.${models.sonnet}`;

/** The route as docs/faults.md advises it. */
export const hedge = { afterPercentile: 90, maxSharePercent: 30 };

/** Without hedges, and without giving up who is slow: what users would have felt. */
const bare = { when: ["RateLimited", "Unavailable", "ServerError", "StreamBroken"] };

/** As the model is known to be: P95 of the first token is taken for twice its median. */
const expectationsAt = (scale: number) => ({
  firstTokenP95: `${Math.round((2 * usualFirstTokenMs) / scale)}ms`,
  tokensPerSecond: Math.round((played.speed.tokensPerSecond ?? 1) * scale),
});

/** @param scale so many times quicker than the week was */
export function resourcesOf(isProtected: boolean, scale: number): LocalResource[] {
  const expectations = expectationsAt(scale);
  const backend = (name: string, modelId: string, region: string) =>
    backendOf("sonnet", { name, expectations, target: { modelId, region } });
  return [
    backend("primary", primary, "us-east-1"),
    backend("standby", standby, "us-west-2"),
    routeOf("assistant", ["primary", "standby"], { fallback: isProtected ? { hedge } : bare }),
  ];
}

export const lateCalls = (delayMs: number): Fault => ({
  model: primary,
  kind: "slow-first-token",
  share: slowPercent,
  delayMs,
});

const instructions =
  "You are the assistant of a shop that sells railway models. Answer in the language of the customer, " +
  "in plain words and without lists, and never promise a day of delivery. When an order is mentioned, " +
  "repeat its number before anything else. Prices are those of the catalogue, taxes included; discounts " +
  "are decided by the branch alone. Customers may send goods back within thirty days, unless the parcel " +
  "was opened and parts are missing. Complaints are handed to a colleague, with one sentence on what is " +
  "wrong. If a question has nothing to do with the shop, say so kindly and offer to help with an order.";

/** What every request asks: the answer is the same each time, and so is what it costs. */
export const question = {
  model: "assistant",
  stream: true,
  messages: [
    { role: "system", content: instructions },
    { role: "user", content: "Count from 1 to 60" },
  ],
};
