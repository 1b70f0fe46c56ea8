const longest = 256;
const most = 16;

/**
 * Metadata for AWS's invocation logs: at most 16 entries, in AWS's alphabet.
 *
 * @returns undefined where nothing is left, since AWS refuses an empty map
 */
export function requestMetadata(
  metadata: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  // A client names them: `__proto__` is a name like any other here, and a member only of what a Map makes.
  const cleanedUp = new Map<string, string>();
  for (const name of Object.keys(metadata)) {
    const key = cleaned(name);
    if (key === "" || cleanedUp.size === most) continue;
    cleanedUp.set(key, cleaned(metadata[name] ?? ""));
  }
  return cleanedUp.size === 0 ? undefined : Object.fromEntries(cleanedUp);
}

const foreign = /[^a-zA-Z0-9\s:_@$#=/+,\-.]/;
const everyForeign = new RegExp(foreign, "gu");

/** Nearly all of it is as AWS takes it. */
function cleaned(text: string): string {
  const whole = foreign.test(text) ? text.replaceAll(everyForeign, "_") : text;
  return whole.length > longest ? whole.slice(0, longest) : whole;
}
