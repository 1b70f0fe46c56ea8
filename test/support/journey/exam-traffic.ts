import { expect } from "vitest";
import type { GoldenPrompt } from "../../../src/simulators/index.ts";
import { chatOf } from "../raw-connection.ts";
import { send } from "../send.ts";
import { isRight, type Mix } from "./exam.ts";
import { tenantKeys } from "./exam-manifests.ts";

export interface Answered {
  requestId: string;
  question: GoldenPrompt;
  backend: string;
  reason: string;
  isRight: boolean;
}

const atOnce = 8;

/** Asks as a tenant, so many questions, a few at a time. */
export async function askExam(
  url: string,
  mix: Mix,
  questions: Iterator<GoldenPrompt>,
  count: number,
): Promise<Answered[]> {
  const answered: Answered[] = [];
  let left = count;
  const work = async () => {
    while (left-- > 0) answered.push(await askOne(url, mix, questions.next().value));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return answered;
}

async function askOne(url: string, mix: Mix, question: GoldenPrompt): Promise<Answered> {
  const { status, headers, text, requestId } = await send(
    { url },
    { body: chatOf("exam", question.prompt), key: tenantKeys[mix] },
  );
  expect(status, text).toBe(200);
  const body = JSON.parse(text) as { choices: { message: { content: string } }[] };
  return {
    requestId,
    question,
    backend: String(headers["x-switchyard-backend"]),
    reason: String(headers["x-switchyard-reason"]),
    isRight: isRight(question, body.choices[0]?.message.content ?? ""),
  };
}
