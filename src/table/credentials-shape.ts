import { z } from "zod";
import type { Credentials } from "./aws-access.ts";

const text = z.string().min(1);

export const credentials = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("Ambient") }),
  z.strictObject({ type: z.literal("AssumeRole"), roleArn: text, externalId: text }),
]) satisfies z.ZodType<Credentials>;
