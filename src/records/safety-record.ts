import { z } from "zod";

const name = (text: string) => z.string().max(512).describe(text);
const count = (text: string) => z.number().int().nonnegative().describe(text);

const match = z.object({
  rule: name("the rule, such as `pii/email`"),
  start: count("its first UTF-16 unit in the text as the filter saw it"),
  end: count("the unit behind its last"),
});

/**
 * One verdict of a safety filter that found something or could not be had, as one JSON line beside the
 * records of requests. It never holds the text that it is about.
 */
export const safetyRecordSchema = z.object({
  schema_version: z.literal(1).describe("the version of this shape"),
  ts: z.iso.datetime({ precision: 3 }).describe("when the request arrived, UTC"),
  level: z.enum(["info", "warn", "error"]).describe("how much it asks for attention"),
  stream: z.literal("safety").describe("tells these lines from others on the same output"),
  request_id: name("the id that the client got as `x-switchyard-request-id`"),
  trace_id: name("the W3C trace id of the request"),
  namespace: name("the namespace of the group"),
  class: name("the router class of the group"),
  tenant: name("the tenant who called; null for an anonymous caller").nullable(),
  key_id: name("the id of the API key, never the key").nullable(),
  route: name("the route that served").nullable(),
  backend: name("whose answer it is; null of what the client sent").nullable(),
  filter: name("the filter's name"),
  filter_type: name("the filter's type"),
  owner: z.enum(["tenant", "route"]).describe("whose filter it is"),
  stage: z.enum(["input", "output"]).describe("whether the client sent the text or the model"),
  place: name("where the text stands, such as `messages[2].content`"),
  action: z
    .enum(["allow", "observe", "redact", "block"])
    .describe("what was done; `allow` where a filter failed and lets pass then"),
  failure: z
    .enum(["failed", "late"])
    .nullable()
    .describe("why there is no verdict; null where there is one"),
  matches: z.array(match).max(100).describe("what was found, the first hundred"),
  match_count: count("how much was found"),
});

export type SafetyRecord = z.infer<typeof safetyRecordSchema>;
