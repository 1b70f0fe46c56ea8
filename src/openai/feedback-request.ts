import * as z from "zod";
import { err, ok, type Result } from "../lib/index.ts";
import { ApiError } from "./api-error.ts";
import { describeProblem } from "./schema-problem.ts";
import { withoutNulls } from "./without-nulls.ts";

/** What a client says of an answer that it got. */
export interface FeedbackRequest {
  /** As records name it. */
  requestId: string;
  /** 0 (wrong) to 1 (right). */
  score: number;
  comment?: string | undefined;
}

/** What an answer bears: its header's, or the id of its body. */
const answerId = /^(?:req_|chatcmpl-)([0-9a-f]{32})$/;

const feedbackRequest = z.strictObject({
  request_id: z
    .string()
    .regex(
      answerId,
      "must be the id of an answer: its header x-switchyard-request-id, or its member id",
    ),
  correct: z.boolean().optional(),
  score: z.number().min(0).max(1).optional(),
  comment: z.string().max(4_000).optional(),
});

/** The verdict of `correct`, or `score` where there is one: both may be given as long as they do not contradict each other. */
export function parseFeedbackRequest(body: unknown): Result<FeedbackRequest, ApiError> {
  const parsed = feedbackRequest.safeParse(withoutNulls(body), { reportInput: true });
  if (!parsed.success) return err(unknownField(parsed.error) ?? describeProblem(parsed.error));
  const { request_id: id, correct, score, comment } = parsed.data;
  const verdict = score ?? (correct === undefined ? undefined : Number(correct));
  if (verdict === undefined) return err(invalid("correct", "is required, or a score in its place"));
  if (correct !== undefined && contradicts(correct, verdict))
    return err(invalid("score", `must not contradict correct, which is ${correct}`));
  return ok({ requestId: `req_${answerId.exec(id)?.[1] ?? ""}`, score: verdict, comment });
}

const contradicts = (correct: boolean, score: number): boolean =>
  correct ? score < 0.5 : score > 0.5;

const fields = Object.keys(feedbackRequest.shape).join(", ");

/** What is misspelt here would be lost without a word. */
function unknownField(error: z.ZodError): ApiError | undefined {
  const issue = error.issues.find(({ code }) => code === "unrecognized_keys");
  const [key] = issue?.code === "unrecognized_keys" ? issue.keys : [];
  return key === undefined
    ? undefined
    : invalid(key.slice(0, 64), `is no field: there are ${fields}`);
}

const invalid = (param: string, problem: string): ApiError =>
  new ApiError("invalid_request_error", `${param} ${problem}`, { param });
