/** What JSON can hold; `undefined` members are left out, as JSON.stringify does. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/**
 * The one text that equal values share: keys sorted by UTF-16 units, no white space, members that
 * are `undefined` left out (after RFC 8785). Digests are taken of its UTF-8 bytes.
 *
 * @throws TypeError on a number that JSON cannot write (NaN, Infinity)
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return scalar(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const record = value as { readonly [key: string]: Json | undefined };
  const members: string[] = [];
  for (const key of Object.keys(record).toSorted()) {
    const member = record[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

const texts = new WeakMap<object, string>();

/** The canonical JSON of an object that is never changed, made once. */
export function canonicalText(value: object): string {
  const known = texts.get(value);
  if (known !== undefined) return known;
  // Interfaces merely lack the index signature of Json.
  const text = canonicalJson(value as Json);
  texts.set(value, text);
  return text;
}

function scalar(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`${value} has no form in JSON`);
  }
  return JSON.stringify(value);
}
