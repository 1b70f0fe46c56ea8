import { z } from "zod";

/**
 * The value with what an earlier release did not write yet: keys are added within a schema version, and each
 * added key is one that may be null or an empty list. What is absent otherwise stays so, and is no record.
 */
export function fillAbsent(value: unknown, schema: z.ZodType): unknown {
  const inner = schema instanceof z.ZodNullable ? (schema.unwrap() as z.ZodType) : schema;
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => fillAbsent(item, inner.element as z.ZodType));
  }
  if (!(inner instanceof z.ZodObject) || typeof value !== "object" || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [key, member] of Object.entries(inner.shape as Record<string, z.ZodType>)) {
    filled[key] = key in filled ? fillAbsent(filled[key], member) : absent(member);
  }
  return filled;
}

function absent(member: z.ZodType): unknown {
  if (member instanceof z.ZodNullable) return null;
  return member instanceof z.ZodArray ? [] : undefined;
}
