import { ApiError } from "../openai/index.ts";

/**
 * A body's JSON, read as it is: bodies are data, never merged into objects of ours.
 *
 * @throws ApiError `invalid_json`
 */
export function parseJson(text: string): unknown {
  if (text === "")
    throw new ApiError("invalid_json", "The request has no body: send a JSON object");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError("invalid_json", `The request's body is not JSON: ${placeOf(error)}`, {
      cause: error,
    });
  }
}

/** V8 quotes the text around the fault, which may be somebody's data: only the place is passed on. */
function placeOf(error: unknown): string {
  const place = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (place !== undefined) return `malformed at character ${place}`;
  return error instanceof Error && error.message.startsWith("Unexpected end")
    ? "it ends too early"
    : "it is malformed";
}
