import { answerText, comparisonRequests, readComparison } from "../../judging/index.ts";
import type { ChatReply } from "../../openai/index.ts";
import type { RouteEntry } from "../../table/index.ts";
import type { RouterParts } from "../parts.ts";
import type { Answers, Compared } from "./comparison.ts";
import { callJudge } from "./call-judge.ts";
import { questionText } from "./question-text.ts";
import type { ShadowOrder } from "./shadow-order.ts";

/**
 * Has the models of a route grade two answers, in either order. The judge is given what was asked and what was
 * answered, so that it has to keep the hard limits and the filters of the tenant as well as its own route's.
 * The tenant's budgets hear nothing of it.
 *
 * @param judge name of the route
 */
export async function askJudge(
  order: ShadowOrder,
  judge: string,
  answers: Answers,
  signal: AbortSignal,
  parts: RouterParts,
): Promise<Compared> {
  const route = order.progress.snapshot.table.routes[judge];
  if (route === undefined) return { outcome: "judge_gone", costUsd: 0 };
  const requests = requestsFor(order, route, answers);
  if (requests === undefined) return { outcome: "not_comparable", costUsd: 0 };
  const replies: string[] = [];
  let costUsd = 0;
  for (const request of requests) {
    const called = await callJudge({ order, route, request }, signal, parts);
    costUsd += called.costUsd;
    if ("failed" in called) return { outcome: called.failed, costUsd };
    replies.push(called.text);
  }
  const [one = "", other = ""] = replies;
  const read = readComparison([one, other]);
  if (!read.ok) return { outcome: "judge_unclear", costUsd };
  const [served, shadow] = read.value;
  return { outcome: "labelled", scores: { served, shadow }, check: "judge", judge, costUsd };
}

function requestsFor({ asked }: ShadowOrder, { models, name }: RouteEntry, answers: Answers) {
  const question = questionText(asked.request);
  if (question === undefined) return undefined;
  return comparisonRequests({
    judge: models[0] ?? name,
    question,
    answers: [textOf(answers.served), textOf(answers.shadow)],
  });
}

const textOf = ({ text, toolCalls }: ChatReply): string =>
  answerText({ content: text, tool_calls: toolCalls.map((call) => ({ function: call })) });
