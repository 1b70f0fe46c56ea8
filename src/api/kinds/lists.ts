import { z } from "zod";

/** A list whose items may not repeat; the API server merges and checks it as a set. */
export function set<Item extends z.ZodType<string>>(
  item: Item,
  bounds: { min?: number; max: number },
) {
  return z
    .array(item)
    .min(bounds.min ?? 0)
    .max(bounds.max)
    .superRefine((items, context) => {
      for (const [index, value] of items.entries()) {
        if (items.indexOf(value) === index) continue;
        context.addIssue({
          code: "custom",
          path: [index],
          message: `"${value}" stands here twice: keep one of them`,
        });
      }
    })
    .meta({ "x-kubernetes-list-type": "set" });
}

/** A list of objects, each known by its `key`, so that several authors may each apply their own items. */
export function keyedList<Key extends string, Item extends z.ZodType<Record<Key, string>>>(
  item: Item,
  bounds: { key: Key; min?: number; max: number },
) {
  const { key } = bounds;
  return z
    .array(item)
    .min(bounds.min ?? 0)
    .max(bounds.max)
    .superRefine((items, context) => {
      const names = items.map((each) => each[key]);
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) === index) continue;
        context.addIssue({
          code: "custom",
          path: [index, key],
          message: `"${name}" stands here twice: give each item a ${key} of its own`,
        });
      }
    })
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key] });
}

/** A list that is owned and replaced as a whole, in the author's order. */
export function list<Item extends z.ZodType>(item: Item, bounds: { min?: number; max: number }) {
  return z
    .array(item)
    .min(bounds.min ?? 0)
    .max(bounds.max)
    .meta({ "x-kubernetes-list-type": "atomic" });
}
