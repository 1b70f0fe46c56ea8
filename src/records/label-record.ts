import { z } from "zod";

/** As of a request's record: sums of whole pico-USD stay numbers up to here. */
const mostUsd = 1e9;

const name = (text: string) => z.string().max(512).describe(text);
const share = (text: string) => z.number().min(0).max(1).describe(text);

/** Who says how good an answer was: a golden set's check, a comparison with a shadow, or a client. */
const labelSources = ["golden", "shadow", "feedback"] as const;

/** What an answer was judged by. */
const labelChecks = [
  "exact",
  "regex",
  "json_schema",
  "numeric",
  "judge",
  "agreement",
  "client",
] as const;

/**
 * How good one answer was, as one JSON line beside the records of requests. It never holds content. A
 * judgement that is made again has the same `label_id`, and the line with the latest `ts` counts. A label of
 * another tenant than the request's is none of that request: whoever joins the two leaves it out.
 */
export const labelRecordSchema = z.object({
  schema_version: z.literal(1).describe("the version of this shape"),
  ts: z.iso.datetime({ precision: 3 }).describe("when the answer was judged, UTC"),
  level: z.enum(["info", "warn", "error"]).describe("how much it asks for attention"),
  stream: z.literal("label").describe("tells these lines from others on the same output"),
  label_id: name("the same for the same judge of the same answer; the latest line of an id counts"),
  request_id: name("the request that was answered, as its record names it"),
  prompt_id: name(
    "the same for all answers to one prompt: `golden:SET/ID@DIGEST` of a golden set, else the request's id",
  ),
  namespace: name("the namespace of the group"),
  class: name("the router class of the group"),
  route: name("the route; null of feedback, where only the request's record knows it").nullable(),
  tenant: name(
    "the tenant who judged, or whose request it was; null where that is anonymous",
  ).nullable(),
  backend: name(
    "the backend whose answer it is; null of feedback: the one that the request's record names",
  ).nullable(),
  source: z.enum(labelSources).describe("where the judgement is from"),
  check: z.enum(labelChecks).describe("what judged"),
  judge: name("the route whose model judged; null where none did").nullable(),
  score: share("how good the answer was: 0 is wrong, 1 is right"),
  heads: z
    .array(z.number())
    .max(64)
    .nullable()
    .describe("what the classifier's heads gave for the prompt; null where it was not asked"),
  classifier_digest: name("the digest of that classifier's model").nullable(),
  cost_usd: z
    .number()
    .nonnegative()
    .max(mostUsd)
    .describe("what the judging cost, in USD; not the answer"),
});

export type LabelRecord = z.infer<typeof labelRecordSchema>;
export type LabelSource = LabelRecord["source"];
export type LabelCheck = LabelRecord["check"];
