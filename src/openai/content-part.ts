import * as z from "zod";
import { listOf } from "./first-problem.ts";

/** Marks the end of a prefix worth caching, after the block that carries it. */
export interface CacheControl {
  type: "ephemeral";
  ttl?: "5m" | "1h" | undefined;
}

export interface TextPart {
  type: "text";
  text: string;
  cache_control?: CacheControl | null | undefined;
}

export interface ImagePart {
  type: "image_url";
  /** `url` is a data URL or a remote address. */
  image_url: { url: string; detail?: string | null | undefined };
  cache_control?: CacheControl | null | undefined;
}

export interface FilePart {
  type: "file";
  /** `file_data` is a data URL, or bare base64. */
  file: { file_data: string; filename?: string | null | undefined };
  cache_control?: CacheControl | null | undefined;
}

export interface RefusalPart {
  type: "refusal";
  refusal: string;
}

/** What a user says or a tool returns. */
export type ContentPart = TextPart | ImagePart | FilePart;

/** What an assistant has said. */
export type AssistantPart = TextPart | RefusalPart;

export const cacheControl: z.ZodType<CacheControl | null | undefined> = z
  .looseObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() })
  .nullish();

const textPart = z.looseObject({
  type: z.literal("text"),
  text: z.string(),
  cache_control: cacheControl,
});

const imagePart = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.looseObject({ url: z.string().min(1), detail: z.string().nullish() }),
  cache_control: cacheControl,
});

const filePart = z.looseObject({
  type: z.literal("file"),
  file: z.looseObject({
    file_data: z
      .string({
        error: ({ input }) =>
          input === undefined
            ? "is required: files are sent inline as a data URL, a `file_id` means nothing here"
            : undefined,
      })
      .min(1),
    filename: z.string().nullish(),
  }),
  cache_control: cacheControl,
});

const refusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });

export const textParts: z.ZodType<TextPart[]> = listOf(z.discriminatedUnion("type", [textPart]));

export const contentParts: z.ZodType<ContentPart[]> = listOf(
  z.discriminatedUnion("type", [textPart, imagePart, filePart]),
);

export const assistantParts: z.ZodType<AssistantPart[]> = listOf(
  z.discriminatedUnion("type", [textPart, refusalPart]),
);
