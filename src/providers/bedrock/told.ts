import { ProviderError } from "../provider-error.ts";

// The SDK gives on what came as it came, whatever its types say.

export const malformed = (cause?: unknown): ProviderError =>
  new ProviderError("malformed_reply", "The model's provider gave an answer that cannot be read", {
    cause,
  });

/** @throws ProviderError malformed_reply unless it is a text */
export function toldText(value: unknown): string {
  if (typeof value !== "string") throw malformed();
  return value;
}

/** @throws ProviderError malformed_reply unless it is bytes @returns them as base64 */
export function toldBytes(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw malformed();
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
}

/** @throws ProviderError malformed_reply where `read` meets what is not there, or is something else */
export function readTold<Read>(read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    // A RangeError is a document too deep for any stack.
    const unreadable = error instanceof TypeError || error instanceof RangeError;
    throw unreadable ? malformed(error) : error;
  }
}

/** A document as JSON. Numbers with more digits than JavaScript's hold, the SDK gives in forms of its own. */
export function toldJson(document: unknown): string {
  return JSON.stringify(document, (_key, value: unknown) => {
    const digits = longNumber(value);
    return digits === undefined ? value : rawJson(digits);
  });
}

// Node has it; the compiler's libraries do not know it yet.
const { rawJSON: rawJson } = JSON as unknown as { rawJSON: (text: string) => unknown };

function longNumber(value: unknown): string | undefined {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return undefined;
  const { constructor, string } = value as { constructor?: { name?: string }; string?: unknown };
  return constructor?.name === "NumericValue" && typeof string === "string" ? string : undefined;
}
