import { bucketCount, publicationNames, type Slot } from "../../table/index.ts";

export const slots: readonly Slot[] = ["A", "B"];

/** Of all ConfigMaps that may hold a bucket of a group's table. */
export function slotNames(routerClass: string): string[] {
  const { slot } = publicationNames(routerClass);
  return Array.from({ length: bucketCount }, (_, bucket) =>
    slots.map((each) => slot(bucket, each)),
  ).flat();
}
