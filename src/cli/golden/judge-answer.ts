import type { CompiledItem } from "../../compile/index.ts";
import { answerText, gradeRequest, readGrade, scoreAnswer } from "../../judging/index.ts";
import type { LabelCheck } from "../../records/index.ts";
import type { AdminPort, CompletionMessage, ServedRoute } from "./admin-port.ts";

/** What an answer was found to be worth; `score` is null where the judge said nothing of use. */
export interface Verdict {
  score: number | null;
  check: LabelCheck;
  judge: string | null;
  costUsd: number;
}

/** Who judges where checks cannot. */
export interface Bench {
  admin: AdminPort;
  /** Undefined where the set asks for no judge. */
  judge: ServedRoute | undefined;
  signal: AbortSignal;
}

/** By its checks, and where they hold by the judge: the worst of its grades counts. */
export async function judgeAnswer(
  compiled: CompiledItem,
  message: CompletionMessage,
  bench: Bench,
): Promise<Verdict> {
  const { checks, judges } = compiled;
  const { content = null, tool_calls: calls = [] } = message;
  const answer = answerText({ content, tool_calls: calls });
  const plain = checks.length === 0 ? undefined : scoreAnswer(answer, checks);
  const isDecided = plain !== undefined && (plain.score === 0 || judges.length === 0);
  if (isDecided) return { ...plain, judge: null, costUsd: 0 };
  return askJudge(compiled, answer, bench);
}

async function askJudge(
  { item, judges }: CompiledItem,
  answer: string,
  { admin, judge, signal }: Bench,
): Promise<Verdict> {
  if (judge === undefined) throw new RangeError("A judge is asked for, and there is none");
  const verdict = { score: 1, check: "judge", judge: judge.name, costUsd: 0 } as const;
  const question = item.prompt ?? JSON.stringify({ messages: item.messages, tools: item.tools });
  let score = 1;
  let costUsd = 0;
  for (const asked of judges) {
    const { model: _model, ...body } = gradeRequest({ judge: "", question, answer, ...asked });
    const replay = await admin.replay({ route: judge.name }, body, signal);
    costUsd += replay.costUsd;
    const grade = "failed" in replay ? undefined : readGrade(replay.message.content ?? "");
    if (grade?.ok !== true) return { ...verdict, score: null, costUsd };
    score = Math.min(score, grade.value);
  }
  return { ...verdict, score, costUsd };
}
