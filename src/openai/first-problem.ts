import * as z from "zod";

// Zod goes through a whole value and keeps an issue for every fault: of a body with millions of faulty
// items, more than there is memory for. These stop at the first item that is wrong, which is all that
// clients are told.

/** A list of items. */
export function listOf<Item>(
  item: z.ZodType<Item>,
  { min = 0, max = Infinity }: { min?: number; max?: number } = {},
): z.ZodType<Item[]> {
  return z.array(z.unknown()).transform((values, context) => {
    const origin = "array" as const;
    const bounds = { input: values, origin, inclusive: true, path: [] };
    if (values.length < min) context.issues.push({ ...bounds, code: "too_small", minimum: min });
    else if (values.length > max) context.issues.push({ ...bounds, code: "too_big", maximum: max });
    return context.issues.length > 0 ? z.NEVER : untilProblem(values.entries(), item, context);
  });
}

/** Texts by name. */
export const texts: z.ZodType<Record<string, string>> = z
  .custom<object>(isObject, "must be an object")
  .transform((values, context) => {
    untilProblem(Object.entries(values), z.string(), context);
    return values as Record<string, string>;
  });

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Context = Parameters<Parameters<z.ZodType["transform"]>[0]>[1];

function untilProblem<Item>(
  entries: Iterable<[PropertyKey, unknown]>,
  item: z.ZodType<Item>,
  context: Context,
): Item[] {
  const items: Item[] = [];
  for (const [key, value] of entries) {
    const parsed = item.safeParse(value, { reportInput: true });
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        context.issues.push({ ...issue, path: [key, ...issue.path] } as z.core.$ZodRawIssue);
      }
      return z.NEVER;
    }
    items.push(parsed.data);
  }
  return items;
}
