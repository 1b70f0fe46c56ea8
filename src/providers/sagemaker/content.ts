import type { ContentPart, ImagePart, RefusalPart, TextPart } from "../../openai/index.ts";
import { invalidField } from "../invalid-field.ts";

/** What a container's chat template reads; nothing else of a client's part is passed on. */
export type UserPart =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string; detail?: string } };

/** The texts of a content, a line apart, as vLLM joins them. */
export function plainText(
  content: string | readonly (ContentPart | RefusalPart | UserPart)[],
): string {
  if (typeof content === "string") return content;
  return content.map(partText).filter(Boolean).join("\n");
}

function partText(part: ContentPart | RefusalPart | UserPart): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "refusal":
      return part.refusal;
    default:
      return "";
  }
}

/**
 * @param at names the message for the client
 * @throws ProviderError invalid_request for a file or a remote image
 */
export function userParts(parts: readonly ContentPart[], at: string): UserPart[] {
  return parts.flatMap((part, index) => userPart(part, `${at}.content[${index}]`));
}

function userPart(part: ContentPart, at: string): UserPart[] {
  switch (part.type) {
    case "text":
      return cleanText(part);
    case "image_url":
      return [cleanImage(part, at)];
    default:
      throw invalidField(at, "is a file, which this model cannot read");
  }
}

function cleanText({ text }: TextPart): UserPart[] {
  return text === "" ? [] : [{ type: "text", text }];
}

// The container would fetch a remote address from inside its own network, on a caller's word.
function cleanImage(part: ImagePart, at: string): UserPart {
  const { url, detail } = part.image_url;
  if (!/^data:image\//i.test(url.slice(0, 16))) {
    throw invalidField(
      `${at}.image_url.url`,
      "must hold the image inline, as a data URL such as data:image/png;base64,…",
    );
  }
  const image = typeof detail === "string" ? { url, detail } : { url };
  return { type: "image_url", image_url: image };
}
