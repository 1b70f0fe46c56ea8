import * as z from "zod";
import { cacheControl, type CacheControl } from "./content-part.ts";
import { listOf } from "./first-problem.ts";

export interface FunctionTool {
  type: "function";
  function: {
    name: string;
    description?: string | null | undefined;
    /** A JSON schema of an object; absent for a function without parameters. */
    parameters?: Record<string, unknown> | null | undefined;
    strict?: boolean | null | undefined;
  };
  cache_control?: CacheControl | null | undefined;
}

export type ToolChoice =
  | "none"
  | "auto"
  | "required"
  | { type: "function"; function: { name: string } };

const name = z.string().min(1);
const named = z.looseObject({ name });

export const functionDefinition: z.ZodType<FunctionTool["function"]> = z.looseObject({
  name,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

export const functionTool: z.ZodType<FunctionTool> = z.looseObject({
  type: z.literal("function"),
  function: functionDefinition,
  cache_control: cacheControl,
});

/** As clients may write it; `normalizeTools` folds `allowed_tools` into the tools themselves. */
export type WireToolChoice =
  | ToolChoice
  | {
      type: "allowed_tools";
      allowed_tools: {
        mode: "auto" | "required";
        tools: { function?: { name: string } | undefined }[];
      };
    };

export const toolChoice: z.ZodType<WireToolChoice> = z.union([
  z.enum(["none", "auto", "required"]),
  z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("function"), function: named }),
    z.looseObject({
      type: z.literal("allowed_tools"),
      allowed_tools: z.looseObject({
        mode: z.enum(["auto", "required"]),
        tools: listOf(z.looseObject({ function: named.optional() })),
      }),
    }),
  ]),
]);
