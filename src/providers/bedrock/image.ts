import type { ImageBlock, ImageFormat } from "@aws-sdk/client-bedrock-runtime";
import type { ImagePart } from "../../openai/index.ts";
import { invalidField } from "../invalid-field.ts";
import { readDataUrl } from "./data-url.ts";

const formatsByType: Record<string, ImageFormat> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
};

/** Formats by the bytes they begin with; a dot stands for any byte. */
const formatsByBytes: readonly (readonly [RegExp, ImageFormat])[] = [
  [/^89504e47/, "png"],
  [/^ffd8ff/, "jpeg"],
  [/^47494638/, "gif"],
  [/^52494646.{8}57454250/, "webp"],
];

/** @param at names the part in messages for the client */
export function imageBlock(part: ImagePart, at: string): ImageBlock {
  const { url } = part.image_url;
  const field = `${at}.image_url.url`;
  if (/^https?:/i.test(url)) {
    throw invalidField(field, "is a remote address: send the image inline as a data URL");
  }
  const { mediaType, bytes } = readDataUrl(url, field);
  // Clients often name the wrong type, which the model's provider would refuse.
  const start = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  const format =
    formatsByBytes.find(([pattern]) => pattern.test(start))?.[1] ?? formatsByType[mediaType];
  if (format === undefined) {
    throw invalidField(field, "must be a PNG, JPEG, GIF or WebP image");
  }
  return { format, source: { bytes } };
}
