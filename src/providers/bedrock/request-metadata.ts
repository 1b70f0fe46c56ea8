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
  const cleanedUp: Record<string, string> = {};
  let count = 0;
  for (const name of Object.keys(metadata)) {
    const key = cleaned(name);
    if (key === "" || count === most) continue;
    cleanedUp[key] = cleaned(metadata[name] ?? "");
    count += 1;
  }
  return count === 0 ? undefined : cleanedUp;
}

const foreign = /[^a-zA-Z0-9\s:_@$#=/+,\-.]/;
const everyForeign = new RegExp(foreign, "gu");

/** Nearly all of it is as AWS takes it. */
function cleaned(text: string): string {
  const whole = foreign.test(text) ? text.replaceAll(everyForeign, "_") : text;
  return whole.length > longest ? whole.slice(0, longest) : whole;
}
