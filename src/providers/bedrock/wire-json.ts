/** Any JSON that the service's model calls a document: what is in there is the model's own. */
const documents = new Set(["input", "json", "additionalModelResponseFields"]);

/** Sixteen digits, or an exponent of three, may be more than a number of JavaScript holds. */
const mayBeLong = /[\d.]{16}|\de\+?\d{3}/i;

/**
 * JSON as AWS means it: a null is an absent member, save in a document, and numbers keep their digits
 * where they are written again.
 *
 * @throws SyntaxError, or a RangeError where it is too deep
 */
export function parseWire(text: string): unknown {
  const value: unknown = mayBeLong.test(text) ? parseWithDigits(text) : JSON.parse(text);
  return text.includes("null") ? withoutNulls(value) : value;
}

// Node has them; the compiler's libraries do not know them yet.
const { parse, rawJSON } = JSON as unknown as {
  parse: (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
  rawJSON: (text: string) => unknown;
};

function parseWithDigits(text: string): unknown {
  return parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && !isKept(source, value)
      ? rawJSON(source)
      : value,
  );
}

/** Fifteen digits always are. */
function isKept(source: string, value: number): boolean {
  if (String(value) === source) return true;
  return Number.isFinite(value) && source.replace(/e.*$/i, "").replace(/\D/g, "").length <= 15;
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const present = Object.entries(value)
    .filter(([, member]) => member !== null)
    .map(([name, member]) => [name, documents.has(name) ? member : withoutNulls(member)]);
  return Object.fromEntries(present) as unknown;
}
