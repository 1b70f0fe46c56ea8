import { before, behind, type Detector } from "../detector.ts";
import type { Match } from "../filter.ts";

// The lengths that RFC 5321 allows.
const longestLocal = 64;
const longestDomain = 253;

const localUnit = /[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]/u;
const local =
  /^[\p{L}\p{N}_][\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]*(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
// A label ends where a dot does; the top level is letters, or the ASCII form of a name in others.
const domain =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|\p{L}{2,24})(?![\p{L}\p{N}_@]|-[\p{L}\p{N}])/iu;
/** `logo@2x.png`, `styles@media.css`: names of files, not of people. */
const fileName =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|scss|js|mjs|cjs|ts|tsx|jsx|json|ya?ml|html?|txt|md|pdf|zip|tgz|gz|whl|jar|lock|toml|xml|csv|exe|dll)$/i;
/** `git@github.com:team/project`: an address that Git clones from. */
const repository = /^:[\w.~-]{1,64}\//;

function find(text: string): Match[] {
  const matches: Match[] = [];
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const start = localStart(text, at);
    const found = domain.exec(behind(text, at + 1, longestDomain + 2));
    if (start === undefined || found === null || fileName.test(found[0])) continue;
    const end = at + 1 + found[0].length;
    if (!repository.test(behind(text, end))) matches.push({ rule: "pii/email", start, end });
  }
  return matches;
}

/** Where the part before the @ begins, if it is one. */
function localStart(text: string, at: number): number | undefined {
  let start = at;
  while (start > 0 && at - start <= longestLocal && localUnit.test(text.charAt(start - 1)))
    start -= 1;
  // Quotes and slashes are allowed in an address and far more often stand around one.
  while (start < at && /['`/={|*?&!#$%^~.+-]/.test(text.charAt(start))) start += 1;
  if (at - start > longestLocal || !local.test(text.slice(start, at))) return undefined;
  // The password of a URL is no name: `https://user:word@host.com`.
  return /:\/\/[^\s@/]{0,128}$/.test(before(text, start, 136)) ? undefined : start;
}

export const email: Detector = { longest: longestLocal + 1 + longestDomain, find };
