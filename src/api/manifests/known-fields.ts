import type { z } from "zod";
import type { Path } from "./problem.ts";

type Schema = z.core.$ZodType;

interface Inner {
  innerType?: Schema;
  element?: Schema;
  valueType?: Schema;
  shape?: Readonly<Record<string, Schema>>;
}

/** The names of the fields that the schema has at a path; none where that is no object. */
export function knownFields(schema: Schema, path: Path): readonly string[] {
  let inner = unwrapped(schema);
  for (const step of path) {
    const next = inner.shape?.[String(step)] ?? inner.element ?? inner.valueType;
    if (next === undefined) return [];
    inner = unwrapped(next);
  }
  return Object.keys(inner.shape ?? {});
}

/** What is inside of defaults and optionals. */
function unwrapped(schema: Schema): Inner {
  let inner = schema._zod.def as Inner;
  while (inner.innerType !== undefined) inner = inner.innerType._zod.def as Inner;
  return inner;
}
