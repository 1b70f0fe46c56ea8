import { z } from "zod";
import { KubeError } from "./kube-error.ts";
import type { KubeObject } from "./kube-object.ts";

export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  /** A bookmark's has no more than a version. */
  object: KubeObject;
}

const changeSchema = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED"]),
  object: z.looseObject({ metadata: z.looseObject({ name: z.string() }) }),
});

const bookmarkSchema = z.object({
  type: z.literal("BOOKMARK"),
  object: z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) }),
});

const errorSchema = z.object({
  type: z.literal("ERROR"),
  object: z.looseObject({
    code: z.number().catch(0),
    message: z.string().catch("The watch ended with an error"),
  }),
});

const eventSchema = z.discriminatedUnion("type", [changeSchema, bookmarkSchema, errorSchema]);

/**
 * @throws KubeError `Expired` where the server cannot go on from the version that was asked for, which
 * comes in an answer of 200; `Malformed` where the line is no event
 */
export function readWatchEvent(line: unknown): WatchEvent {
  const { success, data } = eventSchema.safeParse(line);
  if (!success) throw new KubeError("Malformed", "A line of a watch is no event", { status: 200 });
  if (data.type === "ERROR")
    throw new KubeError("Expired", data.object.message, { status: data.object.code });
  return line as WatchEvent;
}

/** After it a watch that began with a listing tells of changes. */
export function isEndOfListing({ type, object }: WatchEvent): boolean {
  return (
    type === "BOOKMARK" && object.metadata.annotations?.["k8s.io/initial-events-end"] === "true"
  );
}
