// How an answer becomes a score from 0 to 1. Owns the checks of golden sets and what a judging model is
// asked and has said. It is pure: it calls nobody, and knows neither routes nor where answers come from.
export { compileCheck, type Check, type CheckedAnswer, type CheckType } from "./check.ts";
export { scoreAnswer, type AnswerScore } from "./score-answer.ts";
export { checkGoldenRequest, goldenRequest, type GoldenPrompt } from "./golden-request.ts";
export { agreement } from "./agreement.ts";
export { answerText } from "./answer-text.ts";
export {
  comparisonRequests,
  gradeRequest,
  readComparison,
  readGrade,
  type JudgeRequest,
} from "./judge.ts";
