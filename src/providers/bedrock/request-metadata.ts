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
  const entries = Object.entries(metadata)
    .map(([key, value]) => [cleaned(key), cleaned(value)] as const)
    .filter(([key]) => key !== "")
    .slice(0, most);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const foreign = /[^a-zA-Z0-9\s:_@$#=/+,\-.]/u;
const everyForeign = new RegExp(foreign, "gu");

/** Nearly all of it is as AWS takes it. */
const cleaned = (text: string): string =>
  (foreign.test(text) ? text.replaceAll(everyForeign, "_") : text).slice(0, longest);
