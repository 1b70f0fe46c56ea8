import type { CheckedAnswer, CheckType } from "./check.ts";

export interface AnswerScore {
  /** 1 where every check holds, else 0. */
  score: 0 | 1;
  /** The check that decided: the first that does not hold, else the last. */
  check: CheckType;
}

/** @throws RangeError without a check */
export function scoreAnswer(answer: string, checks: readonly CheckedAnswer[]): AnswerScore {
  const broken = checks.find((check) => !check.holds(answer));
  const deciding = broken ?? checks.at(-1);
  if (deciding === undefined) throw new RangeError("An answer without a check has no score");
  return { score: broken === undefined ? 1 : 0, check: deciding.type };
}
