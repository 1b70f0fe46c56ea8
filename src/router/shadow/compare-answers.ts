import { agreement } from "../../judging/index.ts";
import type { RouterParts } from "../parts.ts";
import { askJudge } from "./ask-judge.ts";
import type { Answers, Compared } from "./comparison.ts";
import type { ShadowOrder } from "./shadow-order.ts";

/** @returns undefined where the route wants no comparison */
export async function compareAnswers(
  order: ShadowOrder,
  answers: Answers,
  signal: AbortSignal,
  parts: RouterParts,
): Promise<Compared | undefined> {
  const { comparison } = order.progress.route.arms ?? {};
  if (comparison === undefined) return undefined;
  if (comparison.type === "Judge") {
    return askJudge(order, comparison.judge, answers, signal, parts);
  }
  const agree = agreement(answers.served, answers.shadow);
  if (agree === undefined) return { outcome: "not_comparable", costUsd: 0 };
  // The baseline is the measure, right or wrong: who disagrees with it is taken to be wrong.
  const other = agree ? 1 : 0;
  const scores = order.servedByBaseline
    ? { served: 1, shadow: other }
    : { served: other, shadow: 1 };
  return { outcome: "labelled", scores, check: "agreement", judge: null, costUsd: 0 };
}
