import type { z } from "zod";
import type { Path } from "./problem.ts";

type Schema = z.core.$ZodType;

interface Inner {
  innerType?: Schema;
  /** What a transformed value is made from. */
  in?: Schema;
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

/** What is inside of defaults, optionals and transforms. */
function unwrapped(schema: Schema): Inner {
  let inner = schema._zod.def as Inner;
  for (;;) {
    const next = inner.innerType ?? inner.in;
    if (next === undefined) return inner;
    inner = next._zod.def as Inner;
  }
}
