import { z } from "zod";
import { corpusTypes, type Document } from "./score.ts";

const line = z.object({
  text: z.string(),
  spans: z.array(
    z.object({ start: z.int().min(0), end: z.int().min(0), type: z.enum(corpusTypes) }),
  ),
});

/** A corpus of JSON lines. @throws where a line is none, with its number and what is wrong */
export function readCorpus(text: string): Document[] {
  return text.split("\n").flatMap((json, index) => {
    if (json.trim() === "") return [];
    try {
      return [line.parse(JSON.parse(json))];
    } catch (error) {
      throw new Error(`Line ${index + 1} is no text with spans: ${String(error)}`, {
        cause: error,
      });
    }
  });
}
