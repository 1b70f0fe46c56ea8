/**
 * Clients write `null` for what they leave open. Drops those members of an object, one level deep;
 * anything else, and an object without nulls, is given back as it is.
 */
export function withoutNulls(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const members = Object.entries(body);
  if (members.every(([, member]) => member !== null)) return body;
  return Object.fromEntries(members.filter(([, member]) => member !== null));
}
