import { z } from "zod";
import { keyedList } from "../kinds/lists.ts";

const longestText = 100_000;

const text = (most = longestText) => z.string().min(1).max(most);
const number = z.custom<number>(
  (value) => typeof value === "number" && Number.isFinite(value),
  "Write a number, such as 42 or -1.5, without quotes",
);
const anyObject = z.record(z.string(), z.unknown());

const members = z.strictObject({
  exact: z
    .strictObject({
      answers: z.array(z.string().max(longestText)).min(1).max(32),
      caseSensitive: z.boolean().default(false),
    })
    .optional(),
  regex: z
    .strictObject({ pattern: text(4_096), ignoreCase: z.boolean().default(false) })
    .optional(),
  jsonSchema: z.strictObject({ schema: anyObject }).optional(),
  numeric: z.strictObject({ value: number, tolerance: number.default(0) }).optional(),
  judge: z.strictObject({ rubric: text(8_192), reference: text().optional() }).optional(),
});

const checkNames = Object.keys(members.shape).join(", ");

/** What tells a right answer from a wrong one. */
export type GoldenCheck =
  | { exact: { answers: string[]; caseSensitive: boolean } }
  | { regex: { pattern: string; ignoreCase: boolean } }
  | { jsonSchema: { schema: Record<string, unknown> } }
  | { numeric: { value: number; tolerance: number } }
  /** By a model: how well the answer keeps to the rubric. */
  | { judge: { rubric: string; reference?: string | undefined } };

const check = members
  .refine(
    (written) => Object.keys(written).length === 1,
    `A check is one of ${checkNames}: write one of them here, and others as further items`,
  )
  .transform((written) => written as GoldenCheck);

const item = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/, "write 1 to 128 letters, digits, ., _ or -"),
    prompt: text().optional(),
    messages: z.array(anyObject).min(1).max(64).optional(),
    tools: z.array(anyObject).min(1).max(128).optional(),
    toolChoice: z.union([z.string(), anyObject]).optional(),
    responseFormat: anyObject.optional(),
    maxTokens: z.int().min(1).max(1_000_000).optional(),
    checks: z.array(check).min(1).max(8),
  })
  .refine(
    ({ prompt, messages }) => (prompt === undefined) !== (messages === undefined),
    "Write either prompt, the text of a single user's turn, or messages",
  );

export const goldenSet = z
  .strictObject({
    version: z.literal(1),
    name: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/, "write small letters, digits, - and ."),
    judge: z.strictObject({ route: text(253) }).optional(),
    items: keyedList(item, { key: "id", min: 1, max: 5_000 }),
  })
  .superRefine(({ judge, items }, context) => {
    if (judge !== undefined) return;
    for (const [at, { checks }] of items.entries()) {
      const asked = checks.findIndex((each) => "judge" in each);
      if (asked < 0) continue;
      const message = "Nobody judges: write judge with the route whose models do, beside items";
      context.addIssue({ code: "custom", path: ["items", at, "checks", asked, "judge"], message });
    }
  });

/** Prompts with checks that tell right answers from wrong ones, as people write them. */
export type GoldenSet = z.output<typeof goldenSet>;
export type GoldenItem = GoldenSet["items"][number];
